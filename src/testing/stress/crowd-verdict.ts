import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { Client } from "pg";
import type { AuditEntry } from "../../core/audit/entry.ts";
import type { Status } from "../../core/state/status.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import type { Crowd } from "./crowd.ts";
import { DATABASE, type Member } from "./crowd-documents.ts";
import type { Person } from "./people.ts";
import type { RunnerProcess } from "./runner-process.ts";

/** What stands on the state branch in the end. */
export interface Record {
  readonly tip: string;
  readonly entries: readonly AuditEntry[];
  readonly statuses: readonly Status[];
}

/** Reads trail and records with git alone, not with the program. */
export async function readRecord({ repository }: Crowd): Promise<Record> {
  const tip = await repository.git("rev-parse", "cre/state");
  const lines = await repository.git("grep", "-h", "", "cre/state", "--", "audit");
  // `as`: written by the program, whose own verification is asked besides.
  const entries = lines.split("\n").map((line) => JSON.parse(line) as AuditEntry);
  const paths = (await repository.git("ls-tree", "-r", "--name-only", "cre/state", "registry/status/")).split(
    "\n",
  );
  const texts = await Promise.all(paths.map(async (path) => repository.git("show", `cre/state:${path}`)));
  return {
    tip,
    entries: entries.toSorted((a, b) => a.seq - b.seq),
    statuses: texts.map((text) => JSON.parse(text) as Status),
  };
}

/** Commits among these that a branch does not hold. */
export async function lostCommits(
  { repository }: Crowd,
  branch: string,
  commits: readonly string[],
): Promise<string[]> {
  const held = new Set((await repository.git("rev-list", branch)).split("\n"));
  return commits.filter((commit) => !held.has(commit));
}

/** What stands in the way of a straight line: merges, or several beginnings. */
export async function bends({ repository }: Crowd): Promise<string> {
  const merges = await repository.git("rev-list", "--merges", "cre/state");
  const roots = await repository.git("rev-list", "--max-parents=0", "cre/state");
  return `${merges}${roots.includes("\n") ? roots : ""}`;
}

/** Different attempts of a credential that were promoted, by the trail; under whichever of its names. */
export function promotedBy({ entries }: Record, names: readonly string[]): string[] {
  const attempts = entries
    .filter(
      ({ event, step, outcome }) => event === "step.done" && step === "promote" && outcome === "applied",
    )
    .filter(({ credential }) => credential !== undefined && names.includes(credential))
    .flatMap(({ attempt }) => attempt ?? []);
  return [...new Set(attempts)];
}

/** Changes of documents that the trail tells more than once, and commits of people that it does not tell. */
export function peopleInTrail(
  { entries }: Record,
  people: readonly Person[],
): { twice: string[]; missing: string[] } {
  const told = entries
    .filter(({ event }) => event.startsWith("document."))
    .map(
      ({ event, detail }) =>
        `${String(detail?.["commit"])} ${event} ${String(detail?.["kind"])}/${String(detail?.["name"])}`,
    );
  const commits = new Set(told.map((line) => line.split(" ")[0]));
  const theirs = people.flatMap((person) => person.commits).filter(({ documents }) => documents);
  return {
    twice: told.filter((line, at) => told.indexOf(line) !== at),
    missing: theirs.flatMap(({ commit }) => (commits.has(commit) ? [] : [commit])),
  };
}

/** Members whose consumer cannot log in with what it was handed last. */
export async function lockedOut(
  postgres: TestPostgres,
  crowd: Crowd,
  members: readonly Member[],
  renamed: ReadonlyMap<string, string>,
): Promise<string[]> {
  const out: string[] = [];
  for (const each of members) {
    const login = loginOf(crowd, each, renamed.get(each.name));
    const client = new Client({ host: postgres.host, port: postgres.port, database: DATABASE, ...login });
    try {
      await client.connect();
      await client.end();
    } catch {
      out.push(each.name);
    }
  }
  return out;
}

function loginOf(
  { receiver }: Crowd,
  { name, envFile }: Member,
  newName = name,
): { user: string; password: string } {
  if (envFile !== undefined) {
    const { PGUSER = "", PGPASSWORD = "" } = parseEnv(readFileSync(envFile, "utf8"));
    return { user: PGUSER, password: PGPASSWORD };
  }
  // A rotation that was open when the name changed goes on under the old one.
  const isNew = typeof receiver.credentials(newName).current?.attempt === "string";
  const { current } = receiver.credentials(isNew ? newName : name);
  return { user: current?.parts["username"] ?? "", password: current?.parts["password"] ?? "" };
}

/** Pushes of all runners, as they counted them. */
export function pushesOf(runners: readonly RunnerProcess[]): {
  accepted: string[];
  rejected: number;
  mostInARow: number;
} {
  const accepted: string[] = [];
  let [rejected, mostInARow] = [0, 0];
  for (const { said } of runners) {
    let row = 0;
    for (const line of said) {
      if (line.kind !== "push") continue;
      row = line.commit === undefined ? row + 1 : 0;
      mostInARow = Math.max(mostInARow, row);
      if (line.commit === undefined) rejected += 1;
      else accepted.push(line.commit);
    }
  }
  return { accepted, rejected, mostInARow };
}
