import { destinationOf } from "../../core/alerts/destination.ts";
import { type Routed, whatIsDue } from "../../core/alerts/due.ts";
import { markFailing } from "../../core/alerts/mark-told.ts";
import { announce, type PlannedMessage, planMessages } from "../../core/alerts/plan-messages.ts";
import { routeOf } from "../../core/alerts/routing.ts";
import { type Subject, subjectOf, subjectsOf } from "../../core/alerts/subject.ts";
import { isInScope, takeNote } from "../../core/alerts/take-note.ts";
import type { AuditEvent } from "../../core/audit/entry.ts";
import { channelKind } from "../../core/documents/channel.ts";
import { type AlertBook, EMPTY_BOOK, FAILING_RUNS } from "../../core/state/alert-book.ts";
import type { Errand } from "../assign.ts";
import { evaluateWorld } from "../load.ts";
import type { People } from "../ports.ts";
import type { Publication } from "../publication.ts";
import type { ReportLine } from "../run-report.ts";
import type { World } from "../world.ts";
import { isReadable } from "./gap.ts";
import { ownerFinder } from "./owners.ts";
import type { Publisher } from "./publisher.ts";
import { pushBook } from "./push-book.ts";
import { Sender } from "./send-alerts.ts";
import { unreachedLines } from "./unreached.ts";

/**
 * Sends what the routes of the settings ask for. What a run sees is committed before anything is sent, and each message
 * right after it was sent: a run that is killed loses nothing, and at most one message comes twice.
 */
export const publishAlerts: Publisher = async (world, publication, people, errand, signal) => {
  const routes = world.inputs.documents.settings?.document.spec.routes ?? [];
  if (routes.length === 0) return [];
  if (!isReadable(publication.state)) return emergenciesAlone(world, publication, people, errand, signal);
  const sender = new Sender(world, publication, people);
  const first = await round(world, publication, people, errand, sender, signal);
  if (!(await noteFailing(world, publication, errand, sender, signal))) {
    return [...first.lines, ...first.sent];
  }
  // That somebody cannot be told is told to the others in this run.
  evaluateWorld(world, publication.state);
  const second = await round(world, publication, people, errand, sender, signal);
  return [...second.lines, ...first.sent, ...second.sent];
};

interface Round {
  /** What people should know of alerts that do not reach whom they are for. */
  readonly lines: readonly ReportLine[];
  readonly sent: readonly ReportLine[];
}

/** Takes note of what is open, and sends what is due. */
async function round(
  world: World,
  publication: Publication,
  people: People,
  errand: Errand,
  sender: Sender,
  signal: AbortSignal,
): Promise<Round> {
  const { routed, ended, lines } = await route(world, people, errand);
  const seen = seenBy(world, errand, { routed, ended: sender.hasBegun ? new Map() : ended });
  let messages: readonly PlannedMessage[] = [];
  await pushBook(publication, world, signal, (book) => {
    const noted = takeNote(book, seen);
    messages = plan(world, publication, errand, routed, noted);
    const after = announce(noted, messages);
    return after === book
      ? undefined
      : { book: after, event: notedEvent(world, book, after), subject: "alerts: noted" };
  });
  return { lines, sent: await sender.sendAll(messages, signal) };
}

interface Routes {
  readonly routed: ReadonlyMap<string, Routed>;
  /** Emergencies that this run has ended. */
  readonly ended: ReadonlyMap<string, Routed>;
  /** What people should know of alerts that do not reach whom they are for. */
  readonly lines: readonly ReportLine[];
}

/** Every open alert that this run is about, with its ways; and what people should know of those that have none. */
async function route(world: World, people: People, { only }: Errand): Promise<Routes> {
  const { inputs, evaluation, state, emergencies } = world;
  const settings = inputs.documents.settings?.document.spec;
  const routes = settings?.routes ?? [];
  const isAsked = ({ level, document }: Subject): boolean =>
    isInScope(level, document?.metadata.name, { only });
  const all = subjectsOf(evaluation, inputs.documents, state);
  const present = new Set(evaluation.findings.map(({ fingerprint }) => fingerprint));
  const past = emergencies.flatMap((finding) =>
    present.has(finding.fingerprint) ? [] : (subjectOf(finding, evaluation, state.statuses) ?? []),
  );
  const owners = await ownerFinder([...all.values(), ...past].filter(isAsked), settings, people);
  const routedOf = (subjects: Iterable<Subject>): ReadonlyMap<string, Routed> =>
    new Map(
      [...subjects].filter(isAsked).map((subject) => {
        const routing = routeOf(subject, { routes, ownerAt: owners.at });
        return [subject.finding.fingerprint, { subject, routing }];
      }),
    );
  const routed = routedOf(all.values());
  return { routed, ended: routedOf(past), lines: [...owners.lines, ...unreachedLines(routed)] };
}

function seenBy(
  world: World,
  { only }: Errand,
  { routed, ended }: Pick<Routes, "routed" | "ended">,
): Parameters<typeof takeNote>[1] {
  const told = [...routed].filter(([, { routing }]) => routing.ways.length > 0);
  const subjects = new Map(told.map(([fingerprint, { subject }]) => [fingerprint, subject]));
  const unrouted = new Set([...routed.keys()].filter((fingerprint) => !subjects.has(fingerprint)));
  const past = new Map(
    [...ended].map(([fingerprint, { subject, routing }]) => [
      fingerprint,
      { subject, to: routing.ways.map(({ to }) => to) },
    ]),
  );
  const now = world.ports.clock.now();
  const incomplete = world.inputs.problems.length > 0;
  const channels = world.inputs.documents.settings?.document.spec.channels ?? {};
  const exists = (to: string): boolean => Object.hasOwn(channels, destinationOf(to).channel);
  return { subjects, unrouted, ended: past, now, only, incomplete, namesOnly: namesOnly(world), exists };
}

/** A pager keeps an incident of its own for each alert. */
function namesOnly({ inputs }: World): (to: string) => boolean {
  const channels = inputs.documents.settings?.document.spec.channels ?? {};
  const pagers = new Set(
    Object.entries(channels).flatMap(([name, spec]) => (channelKind(spec) === "pagerduty" ? [name] : [])),
  );
  return (to) => pagers.has(to);
}

function plan(
  world: World,
  { before }: Publication,
  { only }: Errand,
  routed: ReadonlyMap<string, Routed>,
  book: AlertBook,
): readonly PlannedMessage[] {
  const { ports, inputs } = world;
  const now = ports.clock.now();
  const routes = inputs.documents.settings?.document.spec.routes ?? [];
  const due = whatIsDue(book, routed, routes, now, only, namesOnly(world));
  const messages = planMessages({
    book,
    due,
    moment: { now, before },
    namesOnly: namesOnly(world),
    sha256: ports.sha256,
  });
  return only === undefined ? messages : messages.filter(({ kind }) => kind === "immediate");
}

/** Counts who could not be told. True: somebody cannot be told for so long that it is a finding from now on. */
async function noteFailing(
  world: World,
  publication: Publication,
  { only }: Errand,
  { failed, waiting }: Sender,
  signal: AbortSignal,
): Promise<boolean> {
  const now = world.ports.clock.now();
  let isNews = false;
  await pushBook(publication, world, signal, (book) => {
    const before = book.failing ?? {};
    const still = only === undefined ? waiting : new Set([...waiting, ...Object.keys(before)]);
    const after = markFailing(book, failed, still, now);
    if (after === book) return undefined;
    isNews = Object.entries(after.failing ?? {}).some(
      ([to, { runs }]) => runs === FAILING_RUNS && before[to]?.runs !== FAILING_RUNS,
    );
    const event: AuditEvent = {
      time: now,
      event: "alert.failed",
      outcome: "failed",
      detail: { destinations: [...failed.keys()] },
    };
    return { book: after, event, subject: "alerts: who could not be told" };
  });
  return isNews;
}

function notedEvent(world: World, before: AlertBook, after: AlertBook): AuditEvent {
  const known = before.alerts ?? {};
  const all = Object.entries(after.alerts ?? {});
  return {
    time: world.ports.clock.now(),
    event: "alert.noted",
    outcome: "done",
    detail: {
      open: all.filter(([, { gone }]) => gone !== true).length,
      new: all.filter(([fingerprint]) => known[fingerprint] === undefined).length,
      over: all.filter(([fingerprint, { gone }]) => gone === true && known[fingerprint]?.gone !== true)
        .length,
    },
  };
}

/** Without a book nobody knows who was told what: emergencies go out, in every run, and nothing else does. */
async function emergenciesAlone(
  world: World,
  publication: Publication,
  people: People,
  errand: Errand,
  signal: AbortSignal,
): Promise<readonly ReportLine[]> {
  const { routed, ended, lines } = await route(world, people, errand);
  const book = takeNote(EMPTY_BOOK, seenBy(world, errand, { routed, ended }));
  const messages = plan(world, publication, errand, routed, book).filter(({ kind }) => kind === "immediate");
  const sender = new Sender(world, publication, people, false);
  const sent = await sender.sendAll(messages, signal);
  const text =
    "alerts: the record of who was told what cannot be read, so only emergencies are told, again in every run. Fix: bring registry/status/_alerts.json back on the state branch by a commit";
  return [{ level: "error", text }, ...lines, ...sent];
}
