import { expect, it } from "vitest";
import {
  at,
  credential,
  documents,
  evaluateAt,
  policy,
  records,
  sha256,
} from "../../testing/evaluation/world.ts";
import type { AlertBook } from "../state/alert-book.ts";
import { type Routed, whatIsDue } from "./due.ts";
import { markTold } from "./mark-told.ts";
import { messageText } from "./message-text.ts";
import { announce, planMessages } from "./plan-messages.ts";
import { routeOf } from "./routing.ts";
import { subjectsOf } from "./subject.ts";
import { takeNote } from "./take-note.ts";

const NOW = at("2026-03-05T09:17:00Z");
const moment = { now: NOW, before: at("2026-03-05T03:17:00Z") };
const ROUTES = [{ to: ["sec"], continue: true }, { to: ["page"] }];
const namesOnly = (to: string): boolean => to === "page";

const AROUND = {
  place: "credentials",
  now: NOW,
  dashboard: undefined,
  findings: new Map(),
  ownerOf: () => undefined,
  compromiseOver: (credential: string) => `${credential} is over.`,
  urlOf: () => undefined,
};

/** One run's part that knows nothing of the world: what is noted, and the messages. */
function decide(book: AlertBook, routed: ReadonlyMap<string, Routed>) {
  const subjects = new Map([...routed].map(([fingerprint, { subject }]) => [fingerprint, subject]));
  const noted = takeNote(book, {
    subjects,
    now: NOW,
    only: undefined,
    incomplete: false,
    unrouted: new Set(),
    namesOnly,
    exists: () => true,
    ended: new Map(),
  });
  const due = whatIsDue(noted, routed, ROUTES, NOW, undefined);
  const messages = planMessages({ book: noted, due, moment, namesOnly, sha256 });
  return { book: announce(noted, messages), messages };
}

it("tells of 10,000 credentials in one message for each destination, and then nothing", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => credential(`key-${index}`));
  const all = [...many, policy("keys", { rotateWithin: "60d" })];
  const evaluation = evaluateAt(NOW, all);
  const inputs = documents(...all);
  const routed = new Map<string, Routed>();
  for (const [fingerprint, subject] of subjectsOf(evaluation, inputs, records({}))) {
    const routing = routeOf(subject, { routes: ROUTES, ownerAt: () => undefined });
    routed.set(fingerprint, { subject, routing });
  }
  const first = decide({ schemaVersion: 1 }, routed);
  let { book } = first;
  for (const message of first.messages) book = markTold(book, message, NOW);
  const texts = first.messages.map((message) => messageText(message, AROUND));
  expect(texts.map(({ alerts, more }) => [alerts.length, more])).toEqual([
    [50, { critical: 9950 }],
    [50, { critical: 9950 }],
  ]);
  const again = decide(book, routed);
  expect(again.messages).toEqual([]);
  expect(again.book).toBe(book);

  // All of them are rotated: a pager hears of each that it was told by name, the others of how many.
  const later = { now: at("2026-03-06T09:17:00Z"), before: NOW };
  const over = takeNote(book, {
    subjects: new Map(),
    now: later.now,
    only: undefined,
    incomplete: false,
    unrouted: new Set(),
    namesOnly,
    exists: () => true,
    ended: new Map(),
  });
  const ends = planMessages({
    book: over,
    due: whatIsDue(over, new Map(), ROUTES, later.now, undefined),
    moment: later,
    namesOnly,
    sha256,
  });
  const told = ends.map((message) => [
    message.to,
    message.named.length,
    messageText(message, AROUND).moreRecovered,
  ]);
  expect(told).toEqual([
    ["page", 50, undefined],
    ["sec", 50, 9950],
  ]);
});
