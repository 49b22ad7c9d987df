import { holdCommand, incidentCommand } from "../../app/acting/person-commands.ts";
import { addTo } from "../../core/model/instant.ts";
import { recordCommand } from "../../runner/record-command.ts";
import type { Crowd } from "./crowd.ts";
import {
  documentOf,
  fileOf,
  type Member,
  POLICY_FILE,
  policy,
  SETTINGS_FILE,
  settings,
} from "./crowd-documents.ts";
import type { Person } from "./people.ts";
import { type RunnerOrder, type RunnerProcess, startRunner } from "./runner-process.ts";

/** What people do to the documents, one thing a second: `alice` the meaningful ones, `bob` in between. */
export interface Cast {
  readonly alice: Person;
  readonly bob: Person;
  readonly registered: readonly Member[];
  readonly others: readonly Member[];
}

/** The credential that gets another name, and the name. */
export const RENAMED = { index: 7, to: "orders-07-db" };

/** Deeds of the first person, in order; each resolves when main has them. */
function deedsOf({ alice, registered, others }: Cast, crowd: Crowd): readonly (() => Promise<unknown>)[] {
  const [a, b, c, renamed] = [
    at(registered, 3),
    at(registered, 5),
    at(registered, 9),
    at(registered, RENAMED.index),
  ];
  let contact = "";
  let grace = "";
  const register = (index: number) => async () => {
    const newcomer = at(others, index);
    return alice.push(`Register ${newcomer.name}`, { files: { [fileOf(newcomer)]: documentOf(newcomer) } });
  };
  return [
    register(0),
    async () => {
      contact = await alice.push("Another contact", {
        files: { [fileOf(a)]: documentOf(a, { contact: "new@example.com" }) },
      });
    },
    async () => {
      grace = await alice.push("More grace", { files: { [POLICY_FILE]: policy("25h") } });
    },
    async () => {
      const text = documentOf(renamed, { name: RENAMED.to, formerName: renamed.name });
      return alice.push(`Rename ${renamed.name}`, { files: { [fileOf(renamed)]: text } });
    },
    async () => alice.push("", { revert: contact }),
    register(1),
    async () =>
      alice.push("Move a file", { files: { [fileOf(b)]: null, "registry/moved.yaml": documentOf(b) } }),
    async () => alice.push("", { revert: grace }),
    async () => alice.push("More at once", { files: { [SETTINGS_FILE]: settings(crowd.folder, 6) } }),
    async () =>
      alice.push("A third contact", { files: { [fileOf(c)]: documentOf(c, { contact: "c@example.com" }) } }),
    register(2),
  ];
}

/** A deed every second for as long as `going` says so; the listed ones first, then small ones. */
export async function keepPushing(cast: Cast, crowd: Crowd, going: () => boolean): Promise<void> {
  const deeds = [...deedsOf(cast, crowd)];
  for (let second = 0; going() || deeds.length > 0; second += 1) {
    const began = Date.now();
    const deed = deeds.shift();
    if (deed === undefined) {
      await cast.alice.push(`Note ${second}`, { files: { "docs/notes.md": `second ${second}\n` } });
    } else {
      await deed();
    }
    if (second % 3 === 0) {
      const other = at(cast.registered, 10 + ((second / 3) % 6));
      const text = documentOf(other, { contact: `second-${second}@example.com` });
      await cast.bob.push(`Contact of ${other.name}`, { files: { [fileOf(other)]: text } });
    }
    await new Promise((done) => setTimeout(done, Math.max(0, 1000 - (Date.now() - began))));
  }
}

/** A person's command on the state branch: a hold, or an incident. */
export async function command(crowd: Crowd, verb: "hold" | "compromise", name: string): Promise<void> {
  const ports = await crowd.ports();
  const said = await recordCommand(
    ports,
    (_, { documents }) => {
      const speaker = { by: "carol", at: crowd.now() };
      const reason = "under stress";
      return verb === "hold"
        ? holdCommand({ credentials: [name], until: addTo(crowd.now(), 7200), reason }, speaker, documents)
        : incidentCommand({ credential: name, reason, revokeFirst: false, wait: false }, speaker, documents);
    },
    new AbortController().signal,
  );
  if (!said.recorded) throw new Error(said.said);
}

type Fate = NonNullable<RunnerOrder["fate"]>;

/** Moments at which a runner dies, and at which one stops until its lease is over. */
const DEATHS = [
  "after issue",
  "before stage",
  "after stage",
  "before promote",
  "after promote",
  "after push",
];
const STOPS = ["before issue", "after issue", "after stage", "after promote", "after push", "before push"];

/** Of every eight runners one dies and one is stopped, each at another moment. */
export function fateOf(index: number): Fate | undefined {
  const round = Math.floor(index / 4);
  if (index % 4 === 1) return { point: DEATHS[round % DEATHS.length] ?? "", nth: 1, what: "SIGKILL" };
  if (index % 4 === 3) return { point: STOPS[round % STOPS.length] ?? "", nth: 1, what: "SIGSTOP" };
  return undefined;
}

/** Starts so many runners, one after another; half of them look at a part of the credentials only, as teams do. */
export async function startRunners(
  crowd: Crowd,
  names: readonly string[],
  count: number,
  fate: (index: number) => Fate | undefined,
): Promise<RunnerProcess[]> {
  const repos = await Promise.all(Array.from({ length: count }, async () => crowd.clone()));
  return repos.map((repo, index) => {
    const part = index % 2 === 0 ? undefined : names.filter((_, at) => at % 8 === Math.floor(index / 2) % 8);
    const befalls = fate(index);
    const order: RunnerOrder = {
      repo,
      clock: { file: crowd.clockFile },
      ...(part === undefined ? {} : { only: part }),
      ...(befalls === undefined ? {} : { fate: befalls }),
    };
    return startRunner(order, { env: crowd.env });
  });
}

/** Whether a runner was stopped and waits for its SIGCONT. */
export function isStopped({ said, child }: RunnerProcess): boolean {
  const running = child.exitCode === null && child.signalCode === null;
  return running && said.at(-1)?.kind === "fate";
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no number ${index}`);
  return found;
}
