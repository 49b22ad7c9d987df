import { destinationOf } from "../../core/alerts/destination.ts";
import { markTold } from "../../core/alerts/mark-told.ts";
import { messageText, type Surroundings } from "../../core/alerts/message-text.ts";
import type { PlannedMessage } from "../../core/alerts/plan-messages.ts";
import type { AuditEvent } from "../../core/audit/entry.ts";
import { compromiseOver } from "../../core/evaluate/compromise-over.ts";
import type { Finding } from "../../core/evaluate/finding.ts";
import { CreError } from "../../core/model/errors.ts";
import { PARTLY_TOLD } from "../../core/ports/channel.ts";
import type { Forge } from "../../core/ports/forge.ts";
import { FAILING_RUNS } from "../../core/state/alert-book.ts";
import type { People } from "../ports.ts";
import type { Publication } from "../publication.ts";
import type { ReportLine } from "../run-report.ts";
import { failureOf, type World } from "../world.ts";
import { pushBook } from "./push-book.ts";

/** Messages to one channel in one run. */
const MOST_MESSAGES = 20;
const SEND_SECONDS = 30;
/** What was sent is recorded even when the run is asked to stop meanwhile. */
const RECORD_SECONDS = 30;

/** Sends planned messages, one after the other, and remembers whom it could not tell. */
export class Sender {
  /** Destinations that could not be told, with why. */
  readonly failed = new Map<string, string>();
  /** Destinations that something was due at and is still. */
  readonly waiting = new Set<string>();
  readonly #world: World;
  readonly #publication: Publication;
  readonly #people: People;
  readonly #records: boolean;
  readonly #counts = new Map<string, number>();
  /** Channels that are not tried again in this run. */
  readonly #stopped = new Set<string>();
  #around: Surroundings | undefined;
  /** Something was given to it in this run already. */
  hasBegun = false;

  /** `records: false`: nothing of what is sent is written down. */
  constructor(world: World, publication: Publication, people: People, records = true) {
    this.#world = world;
    this.#publication = publication;
    this.#people = people;
    this.#records = records;
  }

  async sendAll(messages: readonly PlannedMessage[], signal: AbortSignal): Promise<readonly ReportLine[]> {
    this.hasBegun = true;
    for (const { to } of messages) this.waiting.add(to);
    const lines: ReportLine[] = [];
    const beyond: PlannedMessage[] = [];
    for (const message of messages) {
      if (signal.aborted) break;
      const { channel } = destinationOf(message.to);
      const count = this.#counts.get(channel) ?? 0;
      if (this.#stopped.has(channel) || this.failed.has(message.to)) continue;
      if (count >= MOST_MESSAGES) {
        beyond.push(message);
        continue;
      }
      this.#counts.set(channel, count + 1);
      lines.push(await this.#send(message, signal));
    }
    return [...lines, ...beyondLines(beyond)];
  }

  async #send(message: PlannedMessage, signal: AbortSignal): Promise<ReportLine> {
    const { to } = message;
    const { channel, recipient } = destinationOf(to);
    const { ports } = this.#world;
    try {
      const limit = AbortSignal.any([signal, ports.timeLimit(SEND_SECONDS)]);
      const around = await this.#surroundings();
      const open = await this.#people.channel(channel);
      await open.send(messageText(message, around), recipient, limit);
    } catch (error) {
      // That somebody stopped the run is no failure of the channel.
      if (signal.aborted) return { level: "warning", text: `alerts: ${to} was not told: interrupted` };
      const { code, message: text } = failureOf(error, to);
      if (code !== PARTLY_TOLD) return this.#failure(message, error);
      await this.#told(message);
      return { level: "warning", text: `alerts: not all of ${to} were told: ${text}` };
    }
    await this.#told(message);
    return { level: "info", text: `told ${to}: ${countsText(message)}` };
  }

  async #told(message: PlannedMessage): Promise<void> {
    this.failed.delete(message.to);
    this.waiting.delete(message.to);
    if (this.#records) await this.#record(message);
  }

  /** Nobody tries a channel again in this run that may do better later; what is wrong with one recipient is not of others. */
  #failure({ to, named, counted }: PlannedMessage, error: unknown): ReportLine {
    const { message, final, refused } = failureOf(error, to);
    if (!(refused && final)) this.#stopped.add(destinationOf(to).channel);
    this.failed.set(to, reasonOf(error) ?? message);
    const runs = (this.#publication.state.books?.alerts?.failing?.[to]?.runs ?? 0) + 1;
    const count = named.length + counted.length;
    const again = `${count} alert${count === 1 ? "" : "s"} due, tried again in the next run`;
    const text = `alerts: ${to} could not be told (${again}): ${message}`;
    return { level: runs >= FAILING_RUNS ? "error" : "warning", text };
  }

  async #record(message: PlannedMessage): Promise<void> {
    const { ports } = this.#world;
    const now = ports.clock.now();
    const subject = `alerts: ${countsText(message)} to ${message.to}`;
    await pushBook(this.#publication, this.#world, ports.timeLimit(RECORD_SECONDS), (book) => ({
      book: markTold(book, message, now),
      event: sentEvent(message, now),
      subject,
    }));
  }

  async #surroundings(): Promise<Surroundings> {
    this.#around ??= surroundingsOf(this.#world, this.#people, await this.#forge());
    return this.#around;
  }

  /** Alerts go out without links where there is no forge to link to. */
  async #forge(): Promise<Forge | undefined> {
    try {
      return await this.#people.forge();
    } catch {
      return undefined;
    }
  }
}

/** What a channel gets no more of in this run: nobody need wonder, and an emergency among it is a warning. */
function beyondLines(messages: readonly PlannedMessage[]): readonly ReportLine[] {
  return [...Map.groupBy(messages, ({ to }) => destinationOf(to).channel)].map(([channel, beyond]) => {
    const waits = beyond.length === 1 ? "1 message waits" : `${beyond.length} messages wait`;
    return {
      level: beyond.some(({ kind }) => kind === "immediate") ? "warning" : "info",
      text: `alerts: ${channel} gets at most ${MOST_MESSAGES} messages a run, ${waits} for the next one`,
    };
  });
}

function surroundingsOf(world: World, people: People, forge: Forge | undefined): Surroundings {
  const { evaluation, inputs, ports, state } = world;
  const issues = state.books?.issues?.issues ?? {};
  const issueUrl = (key: string): string | undefined => {
    const number = issues[key]?.number;
    return number === undefined ? undefined : forge?.issueUrl?.(number);
  };
  return {
    place: forge?.label ?? people.place ?? "credentials",
    now: ports.clock.now(),
    dashboard: issueUrl("dashboard"),
    findings: new Map(
      evaluation.findings.map((finding): [string, Finding] => [finding.fingerprint, finding]),
    ),
    ownerOf: (credential) => {
      const spec = inputs.documents.credentials.get(credential)?.document.spec;
      return spec === undefined ? undefined : { service: spec.service, team: spec.owner.team };
    },
    compromiseOver: (credential) => compromiseOver(credential, evaluation, state),
    urlOf: (fingerprint, finding) => {
      const { file, line } = finding ?? {};
      const document =
        file === undefined || file === null ? undefined : forge?.fileUrl(file, line ?? undefined);
      return issueUrl(`finding ${fingerprint}`) ?? document;
    },
  };
}

/** What is wrong with a channel, for a finding that has a fix of its own. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof CreError)) return undefined;
  return [error.message, error.evidence].filter(Boolean).join("; ");
}

function countsText({ named, counted }: PlannedMessage): string {
  const counts = new Map<string, number>();
  for (const { occasion } of [...named, ...counted]) counts.set(occasion, (counts.get(occasion) ?? 0) + 1);
  return [...counts].map(([occasion, count]) => `${count} ${occasion}`).join(", ");
}

function sentEvent({ id, to, kind, named, counted }: PlannedMessage, time: AuditEvent["time"]): AuditEvent {
  const occasions: Record<string, number> = {};
  for (const { occasion } of [...named, ...counted]) occasions[occasion] = (occasions[occasion] ?? 0) + 1;
  return { time, event: "alert.sent", outcome: "done", detail: { message: id, to, kind, ...occasions } };
}
