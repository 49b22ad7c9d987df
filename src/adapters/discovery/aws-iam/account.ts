import type { User } from "@aws-sdk/client-iam";
import pLimit from "p-limit";
import { problemText } from "../../../core/discovery/problem-text.ts";
import { registeredCredentials } from "../../../core/discovery/registered.ts";
import { type AwsConnection, accountOfRole } from "../../../core/documents/connection.ts";
import { EffectError } from "../../../core/model/errors.ts";
import type { DiscoveryPorts, ScanEnd, Sighting, SourcePart } from "../../../core/ports/discovery.ts";
import { awsOf } from "../../clients/aws/client-options.ts";
import { type CredentialReport, credentialReport, ROOT } from "./credential-report.ts";
import { type ProgressMark, readProgress, writeProgress } from "./progress-mark.ts";
import { type Questions, questionsOf } from "./questions.ts";
import { type AccountView, keysOfUser } from "./user-keys.ts";

/** An account has 5,000 users at most (IAM quota): whoever has more pages than this goes on for ever. */
const MOST_PAGES = 200;
/** Users that are asked about at once; IAM counts questions by the account. */
const AT_ONCE = 4;
/** What people need of a cause that repeats. */
const MOST_PROBLEMS = 20;

/** What a look goes through: the registered users of this account, and what was learned on the way. */
interface Look {
  /** Users of one page. */
  readonly size: number;
  readonly questions: Questions;
  readonly view: AccountView;
  readonly registered: ReadonlyMap<string, string>;
  readonly show: (sighting: Sighting) => void;
  readonly problems: string[];
  readonly failed: string[];
  readonly covered: Set<string>;
  scanned: number;
}

/** The account that a connection leads to. */
export function openAccount(name: string, ports: DiscoveryPorts, size: number): SourcePart {
  const connection = awsOf(name, ports.connection(name));
  const questions = questionsOf(name, connection, ports);
  return {
    name,
    scan: async (cursor, show, signal, enough = () => false) => {
      const problems: string[] = [];
      const start: ScanEnd = { complete: false, scanned: 0, covered: [], problems };
      const again = cursor === undefined ? start : { ...start, cursor };
      try {
        const account = accountOfRole(connection.assumeRole) ?? (await questions.account(signal));
        const registered = registeredUsers(name, connection, account, ports);
        const report = await optionalReport(questions, ports, problems, signal);
        const look: Look = {
          size,
          questions,
          registered,
          show,
          problems,
          failed: [],
          covered: new Set(),
          scanned: 0,
          view: {
            account,
            report,
            identity: (user) => registered.get(user),
            lacks: oncePerFact(problems),
          },
        };
        const mark = readProgress(cursor);
        if (mark === undefined) showRootKeys(look);
        return await throughPages(look, mark, signal, enough);
      } catch (error) {
        signal.throwIfAborted();
        problems.push(problemText(error));
        return again;
      }
    },
    close: async () => questions.close(),
  };
}

async function throughPages(
  look: Look,
  from: ProgressMark | undefined,
  signal: AbortSignal,
  enough: () => boolean,
): Promise<ScanEnd> {
  let mark = from;
  look.failed.push(...(from?.failed ?? []));
  const isOverfull = from?.overfull ?? false;
  for (;;) {
    const pages = (mark?.pages ?? 0) + 1;
    if (pages > MOST_PAGES) {
      look.problems.push(
        `${look.questions.place} has more than ${MOST_PAGES} pages of users: the look ended there`,
      );
      return endOf(look, false);
    }
    let page: Page;
    try {
      page = await usersAfter(look, mark?.marker, signal);
    } catch (error) {
      signal.throwIfAborted();
      look.problems.push(problemText(error));
      return endOf(look, false, isLasting(error) ? undefined : mark);
    }
    const before = [...look.failed];
    const ended = await lookAtUsers(look, page.users, signal);
    if (ended !== undefined) {
      look.problems.push(ended);
      return endOf(look, false, mark === undefined ? undefined : { ...mark, failed: before });
    }
    if (page.next === undefined) {
      const isWhole = look.failed.length === 0 && !isOverfull;
      if (!isWhole && look.problems.length === 0) {
        look.problems.push(
          `keys of ${look.failed.slice(0, 5).join(", ")} could not be seen by an earlier look`,
        );
      }
      return endOf(look, isWhole, undefined, isOverfull ? [] : absent(look));
    }
    if (page.next === mark?.marker) {
      look.problems.push(`${look.questions.place} shows the same page of users again and again`);
      return endOf(look, false);
    }
    mark = { marker: page.next, pages, failed: look.failed, overfull: isOverfull };
    if (enough()) {
      look.problems.push("there are more users: the next look goes on from here");
      return endOf(look, false, mark);
    }
  }
}

/** A question that will be refused again: to go on from there would only be refused again. */
function isLasting(error: unknown): boolean {
  return error instanceof EffectError && error.outcome === "refused" && error.code === "refused";
}

/** Registered users that no page had. */
function absent({ registered, failed }: Look): readonly string[] {
  return [...registered].filter(([user]) => !failed.includes(user)).map(([, identity]) => identity);
}

function endOf(
  { covered, scanned, problems }: Look,
  complete: boolean,
  mark?: ProgressMark,
  absentToo: readonly string[] = [],
): ScanEnd {
  return {
    complete,
    scanned,
    covered: [...new Set([...covered, ...absentToo])].toSorted(),
    problems: problems.slice(0, MOST_PROBLEMS),
    ...(mark === undefined ? {} : { cursor: writeProgress(mark) }),
  };
}

interface Page {
  readonly users: readonly User[];
  readonly next: string | undefined;
}

async function usersAfter(
  { questions, size }: Look,
  marker: string | undefined,
  signal: AbortSignal,
): Promise<Page> {
  const {
    Users: users = [],
    IsTruncated,
    Marker,
  } = await questions.ask("iam:ListUsers", signal, async (iam, options) =>
    iam.listUsers({ MaxItems: size, ...(marker === undefined ? {} : { Marker: marker }) }, options),
  );
  return { users, next: IsTruncated === true ? Marker : undefined };
}

/**
 * Shows the keys of these users in their order, whoever answers first. A text says why no more of them was asked: whoever
 * is asked too much, or does not answer, would only be asked in vain for everybody else.
 */
async function lookAtUsers(
  look: Look,
  users: readonly User[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const limit = pLimit(AT_ONCE);
  let ended: string | undefined;
  const looks = users.map(async (user) =>
    limit(async (): Promise<readonly Sighting[] | string | undefined> => {
      if (ended !== undefined) return undefined;
      try {
        return await keysOfUser(look.questions, look.view, user, signal);
      } catch (error) {
        signal.throwIfAborted();
        const problem = `user ${user.UserName ?? ""}: ${problemText(error)}`;
        if (isOfThisUser(error)) return problem;
        ended ??= problem;
        return undefined;
      }
    }),
  );
  const seen = await Promise.all(looks);
  for (const [at, user] of users.entries()) {
    const name = user.UserName ?? "";
    const sightings = seen[at];
    if (sightings === undefined) continue;
    look.scanned += 1;
    if (typeof sightings === "string") {
      look.failed.push(name);
      look.problems.push(sightings);
      continue;
    }
    const identity = look.registered.get(name);
    if (identity !== undefined) look.covered.add(identity);
    for (const sighting of sightings) look.show(sighting);
  }
  return ended;
}

function isOfThisUser(error: unknown): boolean {
  return error instanceof EffectError && (error.code === "permission-missing" || error.code === "refused");
}

/** Keys of the account's own login have no id that anybody could list; that there are some is the worst to be found. */
function showRootKeys({ view, show }: Look): void {
  const keys = view.report?.users.get(ROOT)?.keys ?? [];
  for (const [at, { active, rotatedAt, lastUse }] of keys.entries()) {
    if (!active) continue;
    show({
      kind: "aws-access-key",
      handle: `${view.account}/root/${at + 1}`,
      place: `${view.account}/root`,
      live: true,
      ...(rotatedAt === undefined ? {} : { createdAt: rotatedAt }),
      ...(lastUse === undefined ? {} : { lastUsedAt: lastUse.at }),
      detail: { user: "root", status: "active" },
      ownerHints: [],
      concerns: ["the account's root user has an access key, which no policy can bound: delete it"],
    });
  }
}

async function optionalReport(
  questions: Questions,
  ports: DiscoveryPorts,
  problems: string[],
  signal: AbortSignal,
): Promise<CredentialReport | undefined> {
  try {
    return await credentialReport(questions, ports, signal);
  } catch (error) {
    signal.throwIfAborted();
    problems.push(
      `without the credential report, console passwords and root keys are not seen: ${problemText(error)}`,
    );
    return undefined;
  }
}

function oncePerFact(problems: string[]): AccountView["lacks"] {
  const told = new Set<string>();
  return (fact, error) => {
    if (told.has(fact)) return;
    told.add(fact);
    problems.push(`${fact} is not seen: ${problemText(error)}`);
  };
}

/** Identities of the registered users of this account: over this connection, or over one that becomes a role in it. */
function registeredUsers(
  name: string,
  { endpoint }: AwsConnection,
  account: string,
  ports: DiscoveryPorts,
): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const { spec, identity } of registeredCredentials(ports)) {
    const provider = spec.provider?.["aws-iam"];
    if (provider === undefined) continue;
    const other = ports.documents.connections.get(provider.connection)?.document.spec.aws;
    const isHere =
      other !== undefined &&
      other.endpoint === endpoint &&
      (provider.connection === name || accountOfRole(other.assumeRole) === account);
    if (isHere) users.set(provider.user, identity);
  }
  return users;
}
