/** Days until a due date, or since it. */
export function daysText(days: number): string {
  if (days < 0) return days === -1 ? "1 day late" : `${-days} days late`;
  return days === 0 ? "today" : days === 1 ? "in 1 day" : `in ${days} days`;
}
