import { basename } from "node:path/posix";
import type { Kind } from "../../core/documents/kinds.ts";
import type { Exception } from "../../core/documents/waiver.ts";
import { judgeExceptions } from "../../core/evaluate/exceptions.ts";
import { matches } from "../../core/evaluate/match.ts";
import { CreError } from "../../core/model/errors.ts";
import {
  addTo,
  type Instant,
  parseDuration,
  parseInstant,
  secondsBetween,
} from "../../core/model/instant.ts";
import { instantOption } from "./dated-facts.ts";
import { findCredential } from "./find-document.ts";
import { addDocument } from "./new-document.ts";
import { openWorkTree, type WorkTree } from "./work-tree.ts";
import { shortInstant, type WriteContext, type Written } from "./written.ts";

const LONGEST_SNOOZE_DAYS = 14;
/** Of exceptions about what nobody registered. */
const SIGHTINGS_FILE = "exceptions/discovery.yaml";

export interface ExceptOptions {
  /** Names; none where it is about what discovery saw. */
  readonly credentials: readonly string[];
  /** Handles or places of what discovery saw; `*` stands for anything. */
  readonly sightings: readonly string[];
  readonly policy?: string;
  readonly finding?: string;
  readonly justification: string;
  readonly controls?: string;
  readonly requestedBy: string;
  readonly approvedBy?: string;
  /** As the person wrote it; default: today. */
  readonly from?: string;
  /** An instant, or a duration from its start. */
  readonly until: string;
  readonly name?: string;
  readonly file?: string;
}

/** `cre except`: asks for an exception. Throws a CreError and writes nothing when it could never count. */
export function requestException({ repo, clock }: WriteContext, options: ExceptOptions): Written {
  const tree = openWorkTree(repo);
  const { credentials, sightings, policy } = options;
  for (const name of credentials) findCredential(tree, name);
  if ((credentials.length === 0) === (sightings.length === 0)) throw neitherNorBoth();
  // Nobody registered it, so that no policy speaks of it.
  const finding = options.finding ?? (sightings.length > 0 && policy === undefined ? "unmanaged" : undefined);
  if ((policy === undefined) === (finding === undefined)) throw noSubject(tree, credentials);
  const startsAt = options.from ?? clock.slice(0, 10);
  const start = instantOption("--from", startsAt) ?? clock;
  const expiresAt = endOption(options.until, start);
  const { scope, names, file } =
    sightings.length > 0
      ? { scope: { match: { sightings: [...sightings] } }, names: ["discovery"], file: SIGHTINGS_FILE }
      : {
          scope: { credentials: [...credentials] },
          names: credentials,
          file: besideRegistry(tree, credentials),
        };
  const name = options.name ?? freeName(tree, "Exception", names, policy ?? finding ?? "");
  const spec: Exception["spec"] = {
    ...scope,
    ...(policy === undefined ? {} : { policy }),
    ...(finding === undefined ? {} : { finding }),
    justification: options.justification,
    ...(options.controls === undefined ? {} : { compensatingControls: options.controls }),
    requestedBy: options.requestedBy,
    ...(options.approvedBy === undefined ? {} : { approvedBy: options.approvedBy }),
    startsAt,
    expiresAt,
  };
  return addDocument(tree, {
    kind: "Exception",
    name,
    spec,
    file: options.file ?? file,
    notes: whatIsMissing(tree, name, spec, clock),
  });
}

export interface SnoozeOptions {
  readonly credentials: readonly string[];
  readonly reason: string;
  /** An instant, or a duration from now. */
  readonly until: string;
  readonly name?: string;
  readonly file?: string;
}

/** `cre snooze`: silences alerts for a while. Throws a CreError and writes nothing when its end is too far. */
export function addSnooze({ repo, clock }: WriteContext, options: SnoozeOptions): Written {
  const tree = openWorkTree(repo);
  for (const name of options.credentials) findCredential(tree, name);
  const until = endOption(options.until, clock);
  const end = parseInstant(until) ?? clock;
  const days = secondsBetween(clock, end) / 86_400;
  if (days <= 0 || days > LONGEST_SNOOZE_DAYS) {
    throw new CreError("snooze-length", `A snooze cannot last until ${until}.`, {
      evidence: days <= 0 ? "that is over" : `that is ${Math.ceil(days)} days ahead`,
      fix: `Give an end within ${LONGEST_SNOOZE_DAYS} days, such as --until 7d; for longer, mend the cause or ask for an exception.`,
    });
  }
  return addDocument(tree, {
    kind: "Snooze",
    name: options.name ?? freeName(tree, "Snooze", options.credentials, "snooze"),
    spec: { credentials: [...options.credentials], until, reason: options.reason },
    file: options.file ?? besideRegistry(tree, options.credentials),
    notes: ["only alerts are silent: rotations, findings and emergencies go on"],
  });
}

/** The end of a span: an instant as it was written, or a duration from `start`. Throws a CreError. */
export function endOption(text: string, start: Instant): string {
  const span = parseDuration(text);
  if (span !== undefined) return shortInstant(addTo(start, span));
  if (parseInstant(text) !== undefined) return text;
  throw new CreError("usage", `--until cannot be \`${text}\`.`, {
    fix: "Write a date, an instant such as 2026-12-01T08:00:00Z, or a duration such as 14d.",
  });
}

/** What still keeps the exception from counting. Throws when nothing that people add could make it count. */
function whatIsMissing(tree: WorkTree, name: string, spec: Exception["spec"], now: Instant): string[] {
  const nullity = (approvedBy: string | undefined) => {
    const document: Exception = {
      apiVersion: "cre/v1",
      kind: "Exception",
      metadata: { name },
      spec: approvedBy === undefined ? spec : { ...spec, approvedBy },
    };
    const exceptions = new Map([[name, { document, file: "", line: 1 }]]);
    return judgeExceptions({ ...tree.read.documents, exceptions }, now)[0]?.void?.reason;
  };
  if (!isWellFormed(spec)) return []; // The validation that follows says what is wrong.
  const never = nullity(spec.approvedBy ?? `not ${spec.requestedBy}`);
  if (never !== undefined) {
    const byThemselves = spec.approvedBy !== undefined && nullity(`not ${spec.requestedBy}`) === undefined;
    throw new CreError("exception-void", `The exception would not count: ${never}.`, {
      fix: byThemselves ? "Have another person approve it." : "Ask for less, or rotate.",
    });
  }
  const isReviewed = tree.read.documents.settings?.document.spec.forge?.kind === "github";
  if (isReviewed) return ["it does not count until another person approves its pull request"];
  return nullity(spec.approvedBy) === undefined
    ? []
    : ["it does not count until another person approves it: approvedBy is missing"];
}

function isWellFormed({ startsAt, expiresAt }: Exception["spec"]): boolean {
  const [start, end] = [parseInstant(startsAt), parseInstant(expiresAt)];
  return start !== undefined && end !== undefined && start < end;
}

function neitherNorBoth(): CreError {
  return new CreError("usage", "An exception is about credentials, or about what discovery saw.", {
    fix: "Give names of credentials, or --sighting HANDLE|PLACE as `cre discover` shows it.",
  });
}

function noSubject(tree: WorkTree, names: readonly string[]): CreError {
  const credentials = names.flatMap((name) => tree.read.documents.credentials.get(name)?.document ?? []);
  const policies = [...tree.read.documents.policies.values()]
    .filter(({ document }) => credentials.some((credential) => matches(document.spec.match, credential)))
    .map(({ document }) => document.metadata.name);
  return new CreError("usage", "An exception is from one policy or of one finding.", {
    ...(policies.length === 0 ? {} : { evidence: `policies that match: ${policies.join(", ")}` }),
    fix: "Give either --policy NAME or --finding CODE.",
  });
}

function freeName({ read }: WorkTree, kind: Kind, names: readonly string[], about: string): string {
  const wanted = `${names[0] ?? "all"}-${about}`.slice(0, 59).replace(/-+$/, "");
  const { exceptions, snoozes } = read.documents;
  const taken = new Set([
    ...(kind === "Exception" ? exceptions : snoozes).keys(),
    ...read.invalid.filter((invalid) => invalid.kind === kind).map((invalid) => invalid.name),
  ]);
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** `exceptions/orders.yaml` for what is registered in `registry/orders.yaml`. */
function besideRegistry(tree: WorkTree, names: readonly string[]): string {
  return `exceptions/${basename(findCredential(tree, names[0] ?? "").file)}`;
}
