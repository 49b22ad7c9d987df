import type { Alert, Message } from "../ports/channel.ts";

/** Level of an alert or a message, highest first. */
export const ALERT_LEVELS = ["emergency", "critical", "warning"] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];
export type Counts = Readonly<Record<AlertLevel | "recovered", number>>;

/** As much of a message as a sink has room for. */
export interface Excerpt {
  readonly message: Message;
  /** Those that are told one by one, most urgent first. */
  readonly shown: readonly Alert[];
  /** Those that are only counted. */
  readonly hidden: Counts;
}

/** A message with its first `most` alerts told one by one. */
export function excerptOf(message: Message, most: number): Excerpt {
  const rest = countsOf(message.alerts.slice(most));
  const hidden = { ...rest };
  for (const level of ALERT_LEVELS) hidden[level] += message.more[level] ?? 0;
  return { message, shown: message.alerts.slice(0, most), hidden };
}

/** How many of each there are. */
export function countsOf(alerts: readonly Alert[]): Record<AlertLevel | "recovered", number> {
  const counts = { emergency: 0, critical: 0, warning: 0, recovered: 0 };
  for (const { occasion, level } of alerts) counts[occasion === "recovered" ? "recovered" : level] += 1;
  return counts;
}

export function sumOf(counts: Counts): number {
  return counts.emergency + counts.critical + counts.warning + counts.recovered;
}

/**
 * The rendering with the most alerts, up to `most`, that fits. What does not fit even with none is returned as it is:
 * a headline and counts are bounded, so that is a bug of the sink's own limits.
 */
export function fitting<T>(
  message: Message,
  most: number,
  render: (excerpt: Excerpt) => T,
  fits: (rendered: T) => boolean,
): T {
  let least = 0;
  let best = render(excerptOf(message, 0));
  let greatest = Math.min(most, message.alerts.length);
  while (least < greatest) {
    const middle = Math.ceil((least + greatest) / 2);
    const rendered = render(excerptOf(message, middle));
    if (fits(rendered)) {
      least = middle;
      best = rendered;
    } else greatest = middle - 1;
  }
  return best;
}
