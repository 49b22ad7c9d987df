import type { AccessKeyMetadata, User } from "@aws-sdk/client-iam";
import { EffectError } from "../../../core/model/errors.ts";
import { type Instant, instantOf } from "../../../core/model/instant.ts";
import type { OwnerHint, Sighting } from "../../../core/ports/discovery.ts";
import { keyTag } from "../../clients/aws/key-tag.ts";
import { type CredentialReport, keyMadeAt, type ReportedUser } from "./credential-report.ts";
import type { Questions } from "./questions.ts";

/** Tags by which organisations say whose something is. */
const OWNER_TAG =
  /^(owner|owned[-_. ]?by|team|contact|mail|e-?mail|maintainer|created[-_. ]?by|service|app|application|project)$/i;
const LONGEST = 200;
/** IAM may answer any list in several parts, however short it is; a user has two keys and fifty tags at most. */
const MOST_PARTS = 52;

/** What is known beside the users themselves while an account is looked at. */
export interface AccountView {
  readonly account: string;
  readonly report: CredentialReport | undefined;
  /** The registered credential that means this user. */
  identity(user: string): string | undefined;
  /** Says once that a kind of fact is missing, and why. */
  lacks(fact: "last use" | "tags", error: unknown): void;
}

interface Key {
  readonly id: string;
  readonly active: boolean;
  readonly createdAt: Instant;
}

interface LastUse {
  readonly at: Instant;
  readonly service: string;
  readonly region: string;
}

/** The keys of one user. Rejects with the EffectError of a list of keys that could not be had. */
export async function keysOfUser(
  questions: Questions,
  view: AccountView,
  user: User,
  signal: AbortSignal,
): Promise<readonly Sighting[]> {
  const name = user.UserName ?? "";
  const keys = await listKeys(questions, name, signal);
  if (keys.length === 0) return [];
  // Of a registered one it is known whose it is.
  const tags =
    view.identity(name) === undefined
      ? await optional(view, "tags", signal, async () => listTags(questions, name, signal))
      : undefined;
  const reported = view.report?.users.get(name);
  const sightings: Sighting[] = [];
  for (const key of keys) {
    const known = keyMadeAt(reported, key.createdAt);
    const use =
      known === undefined
        ? await optional(view, "last use", signal, async () => askLastUse(questions, key.id, signal))
        : (known.lastUse ?? "never");
    sightings.push(sightingOf(key, { name, path: user.Path ?? "/", tags, use, reported, view }));
  }
  return sightings;
}

async function listKeys(questions: Questions, name: string, signal: AbortSignal): Promise<readonly Key[]> {
  let list: readonly AccessKeyMetadata[] = [];
  try {
    list = await inParts(async (from) => {
      const { AccessKeyMetadata: items = [], ...rest } = await questions.ask(
        "iam:ListAccessKeys",
        signal,
        async (iam, options) => iam.listAccessKeys({ UserName: name, ...from }, options),
      );
      return { items, ...rest };
    });
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  return list.flatMap(({ AccessKeyId: id, Status, CreateDate }) => {
    if (id === undefined || CreateDate === undefined) return [];
    return [{ id, active: Status === "Active", createdAt: secondOf(CreateDate) }];
  });
}

/** The user was deleted since the page that had it. */
function isGone(error: unknown): boolean {
  return error instanceof EffectError && (error.evidence ?? "").startsWith("NoSuchEntity");
}

async function listTags(
  questions: Questions,
  name: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const tags = await inParts(async (from) => {
    const { Tags: items = [], ...rest } = await questions.ask(
      "iam:ListUserTags",
      signal,
      async (iam, options) => iam.listUserTags({ UserName: name, ...from }, options),
    );
    return { items, ...rest };
  });
  return new Map(tags.map(({ Key: key = "", Value: value = "" }) => [key, value]));
}

async function askLastUse(
  questions: Questions,
  keyId: string,
  signal: AbortSignal,
): Promise<LastUse | "never"> {
  const { AccessKeyLastUsed: last } = await questions.ask(
    "iam:GetAccessKeyLastUsed",
    signal,
    async (iam, options) => iam.getAccessKeyLastUsed({ AccessKeyId: keyId }, options),
  );
  if (last?.LastUsedDate === undefined) return "never";
  const { ServiceName: service = "", Region: region = "" } = last;
  return { at: secondOf(last.LastUsedDate), service, region };
}

interface Part<T> {
  readonly items: readonly T[];
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

async function inParts<T>(
  ask: (from: { readonly Marker?: string }) => Promise<Part<T>>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let from: { readonly Marker?: string } = {};
  for (let parts = 0; parts < MOST_PARTS; parts += 1) {
    const { items, IsTruncated: isPart, Marker: next } = await ask(from);
    all.push(...items);
    if (isPart !== true || next === undefined) return all;
    from = { Marker: next };
  }
  throw new EffectError("unknown", "refused", `a list of one user has more than ${MOST_PARTS} parts`);
}

/** A fact without which a key is still seen. */
async function optional<T>(
  view: AccountView,
  fact: "last use" | "tags",
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EffectError)) throw error;
    view.lacks(fact, error);
    return undefined;
  }
}

interface UserFacts {
  readonly name: string;
  readonly path: string;
  readonly tags: ReadonlyMap<string, string> | undefined;
  readonly use: LastUse | "never" | undefined;
  readonly reported: ReportedUser | undefined;
  readonly view: AccountView;
}

function sightingOf({ id, active, createdAt }: Key, facts: UserFacts): Sighting {
  const { name, path, tags = new Map<string, string>(), use, reported, view } = facts;
  const identity = view.identity(name);
  const mark = tags.get(keyTag(id));
  const password = reported?.consolePassword;
  return {
    kind: "aws-access-key",
    handle: id,
    place: `${view.account}/${name}`,
    ...(identity === undefined ? {} : { identity }),
    live: active,
    createdAt,
    ...(use === undefined || use === "never" ? {} : { lastUsedAt: use.at }),
    detail: {
      user: `${path}${name}`,
      status: active ? "active" : "inactive",
      ...(use === "never" ? { "last use": "never" } : {}),
      ...(use === undefined || use === "never" ? {} : { "last use": `${use.service} in ${use.region}` }),
      ...(mark === undefined ? {} : { mark: mark.slice(0, LONGEST) }),
      ...(password === undefined
        ? {}
        : {
            "console password": `set ${password.changedAt ?? "at an unknown time"}, ${passwordUse(password.usedAt)}`,
          }),
    },
    ownerHints: hintsIn(tags),
    concerns:
      password !== undefined && reported?.hasSecondFactor === false
        ? [`the user ${name} also has a console password, and no second factor for it`]
        : [],
  };
}

function passwordUse(usedAt: Instant | undefined): string {
  return usedAt === undefined ? "never used" : `last used ${usedAt}`;
}

function hintsIn(tags: ReadonlyMap<string, string>): readonly OwnerHint[] {
  return [...tags]
    .filter(([key, value]) => OWNER_TAG.test(key) && value !== "")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => ({ source: `tag ${key}`, text: value.slice(0, LONGEST) }));
}

function secondOf(date: Date): Instant {
  return instantOf(Math.floor(date.getTime() / 1000));
}
