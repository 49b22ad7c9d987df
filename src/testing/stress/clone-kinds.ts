import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CliSession } from "../cli/session.ts";
import { type Estate, git, pushAs, writeInto } from "../conformance/estate.ts";
import { hoursAfter } from "../conformance/virtual-clock.ts";
import { type GitHttpRemote, startGitHttpRemote } from "../services/git-http.ts";
import { gitSurroundings } from "../services/git-remote.ts";
import type { TestPostgres } from "../services/postgresql.ts";
import { cloneFrom, createStressEstate, runIn, START } from "./life.ts";

/** What two runs from clones of one kind came to. */
export interface CloneOutcome {
  readonly exits: readonly number[];
  /** Effects on record, in order. */
  readonly effects: readonly string[];
  /** What people did to documents, as the trail tells it: what, which, by whom. */
  readonly people: readonly string[];
  /** Requests that the second run needed. */
  readonly requests: number;
  /** How `cre audit verify` ends in the clone of the last run, and, where it cannot say, after the command it gives. */
  readonly verified: readonly string[];
}

/** Adoption and rotation, each from a fresh clone of this kind; people commit before, in between and by other hands. */
export async function runsFrom(postgres: TestPostgres, args: readonly string[]): Promise<CloneOutcome> {
  const estate = await createStressEstate(postgres, "two roles");
  git(estate.remote, "config", "http.receivepack", "true");
  git(estate.remote, "config", "uploadpack.allowFilter", "true");
  git(estate.remote, "config", "uploadpack.allowAnySHA1InWant", "true");
  const http = await startGitHttpRemote(estate.remote);
  try {
    for (const [index, author] of ["carol", "dave", "erin"].entries()) {
      commitPolicy(estate, author, `ssh-${index}`);
    }
    const first = await runFrom(estate, http, args, 0);
    commitPolicy(estate, "frank", "ssh-0", "oauth-0");
    commitPolicy(estate, "grace", "ssh-1", "ssh-1", 90);
    commitPolicy(estate, "heidi", "ssh-7");
    const before = http.requests;
    const second = await runFrom(estate, http, args, 1);
    const requests = http.requests - before;
    return {
      exits: [first.exit, second.exit],
      requests,
      ...onRecord(estate),
      verified: await verify(estate, second.repo),
    };
  } finally {
    await http.close();
    await estate.dispose();
  }
}

async function runFrom(
  estate: Estate,
  http: GitHttpRemote,
  args: readonly string[],
  hours: number,
): Promise<{ readonly exit: number; readonly repo: string }> {
  const repo = await cloneFrom(estate, http.url, `kind-${hours}`, ...args);
  const { exit } = await runIn(estate, repo, hoursAfter(START, hours));
  return { exit, repo };
}

/** A policy that matches nothing here, new, under another name or with another number. */
function commitPolicy(estate: Estate, author: string, file: string, name = file, days = 180): void {
  const clone = estate.clone();
  git(clone, "checkout", "--quiet", "main");
  const spec = `spec: { match: { types: [ssh-key] }, rotateWithin: ${days}d }`;
  writeInto(
    clone,
    `policies/${file}.yaml`,
    `apiVersion: cre/v1\nkind: Policy\nmetadata: { name: ${name} }\n${spec}\n`,
  );
  pushAs(author, clone, name);
}

function onRecord({ remote }: Estate): Pick<CloneOutcome, "effects" | "people"> {
  // `as`: written by the program, whose own verification is asked besides.
  const entries = git(remote, "grep", "-h", "", "cre/state", "--", "audit")
    .trim()
    .split("\n")
    .map(
      (line) =>
        JSON.parse(line) as {
          seq: number;
          event: string;
          step?: string;
          detail?: Readonly<Record<string, string>>;
        },
    )
    .toSorted((a, b) => a.seq - b.seq);
  return {
    effects: entries.flatMap(({ event, step }) =>
      event === "step.done" && step !== undefined ? [step] : [],
    ),
    people: entries.flatMap(({ event, detail = {} }) =>
      event.startsWith("document.")
        ? [`${event} ${detail["kind"]}/${detail["name"]} ${detail["formerName"] ?? ""} ${detail["author"]}`]
        : [],
    ),
  };
}

async function verify(estate: Estate, repo: string): Promise<string[]> {
  const session = new CliSession(repo, { ...estate.env });
  const said: string[] = [];
  for (;;) {
    const { code, out, err } = await session.run(["audit", "verify"]);
    said.push(code === 0 ? (out.split(":")[0] ?? "") : `exit ${code}`);
    const command = /git (fetch .*)$/m.exec(`${out}\n${err}`)?.[1];
    if (code === 0 || command === undefined || said.length > 3) return said;
    await gitHere(estate, repo, command.trim().split(" "));
  }
}

async function gitHere({ root }: Estate, repo: string, args: readonly string[]): Promise<void> {
  await promisify(execFile)("git", ["-C", repo, ...args], { env: gitSurroundings(root) });
}
