import type { CredentialDetail } from "../../../../core/report/api/api-schemas.ts";
import { daysText } from "./days-text.ts";
import { drawing, element } from "./elements.ts";

const WIDTH = 600;
const HEIGHT = 64;
const LINE = 30;

/** From the last rotation over the warning to the due date, with the instant of the report on the way. */
export function dueLine(
  { lastRotatedAt, staleFrom, dueAt, daysUntilDue }: CredentialDetail["credential"],
  asOf: string,
): HTMLElement | null {
  if (dueAt === null || daysUntilDue === null) return null;
  const [last, due, now] = [Date.parse(lastRotatedAt), Date.parse(dueAt), Date.parse(asOf)];
  const stale = staleFrom === null ? due : Date.parse(staleFrom);
  const [from, to] = [Math.min(last, now, due), Math.max(due, now)];
  const place = (time: number): number => 8 + ((time - from) / (to - from || 1)) * (WIDTH - 16);
  const words = `Last rotated ${lastRotatedAt.slice(0, 10)}, stale from ${(staleFrom ?? dueAt).slice(0, 10)}, due ${dueAt.slice(0, 10)}, ${daysText(daysUntilDue)} at ${asOf.slice(0, 10)}.`;
  const span = (name: string, start: number, end: number) =>
    drawing("line", { class: `span ${name}`, x1: place(start), x2: place(end), y1: LINE, y2: LINE });
  const label = (time: number, y: number, text: string, name: string) => {
    const x = place(time);
    const anchor = x < 70 ? "start" : x > WIDTH - 70 ? "end" : "middle";
    return drawing(
      "text",
      { x: anchor === "start" ? 2 : anchor === "end" ? WIDTH - 2 : x, y, "text-anchor": anchor, class: name },
      text,
    );
  };
  return element(
    "figure",
    { class: "due-line" },
    drawing(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": words },
      span("good", Math.min(last, stale), Math.max(Math.min(stale, due), Math.min(last, stale))),
      span("warn", Math.min(stale, due), due),
      now > due ? span("bad", due, now) : null,
      drawing("circle", { class: "end", cx: place(last), cy: LINE, r: 4 }),
      drawing("circle", { class: "end", cx: place(due), cy: LINE, r: 4 }),
      drawing("line", { class: "now", x1: place(now), x2: place(now), y1: LINE - 12, y2: LINE + 12 }),
      label(last, HEIGHT - 6, `rotated ${lastRotatedAt.slice(0, 10)}`, "soft"),
      label(due, HEIGHT - 6, `due ${dueAt.slice(0, 10)}`, "soft"),
      label(now, 13, dueWords(daysUntilDue), "strong"),
    ),
  );
}

function dueWords(days: number): string {
  return days < 0 ? daysText(days) : `due ${daysText(days)}`;
}
