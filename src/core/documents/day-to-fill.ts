/**
 * Stands in a proposal where a person has to write the day of a rotation. It is no date, so that `cre validate` refuses
 * a proposal that was not filled in.
 */
export const DAY_TO_FILL = "DAY-OF-ROTATION";
