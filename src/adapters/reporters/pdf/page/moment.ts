import { NOTE } from "./table.ts";

/** An instant in a narrow column: the day, and beneath it the time, so that neither is cut. */
export function moment(instant: string | null, absent = "unknown") {
  if (instant === null) return absent;
  const [day = instant, time = ""] = instant.split("T");
  return [{ text: day }, ...(time === "" || time === "00:00:00Z" ? [] : [{ text: time, style: NOTE }])];
}
