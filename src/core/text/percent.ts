/** A fraction of 0 to 1 as `85.7 %`, for people: never rounded up to a whole that it is not. */
export function percentText(fraction: number): string {
  const percent = fraction === 1 ? 100 : Math.min(99.9, fraction * 100);
  return `${percent.toFixed(1)} %`;
}
