import { EffectError } from "../../core/model/errors.ts";
import type { Forge, ForgeIssue, Proposal } from "../../core/ports/forge.ts";

/** The login of the runner. */
const RUNNER = "cre-bot";

/** Pull requests are numbered from here on. */
const PULLS = 1000;

type Kept = { -readonly [K in keyof ForgeIssue]: ForgeIssue[K] };

/** A request that changed something, as `open`, `update 3`, `comment 3`, `propose BRANCH`. */
export type Write = string;

/** A forge in memory, with what people do there. */
export interface MemoryForge extends Forge {
  readonly all: readonly ForgeIssue[];
  /** Comments by the number of the issue. */
  readonly comments: ReadonlyMap<number, readonly string[]>;
  readonly proposals: readonly Proposal[];
  readonly writes: Write[];
  /**
   * Requests that write until the forge throttles, and until the process dies: the last of them happens, but nobody
   * hears of it. Undefined: never.
   */
  throttledIn: number | undefined;
  killedIn: number | undefined;
  open(about: RegExp): readonly ForgeIssue[];
  person: {
    close(number: number, as: "completed" | "not-planned"): void;
    reopen(number: number): void;
    /** Ticks the first points of the list. */
    tick(number: number, points: number): void;
    label(number: number, label: string): void;
    assign(number: number, login: string): void;
    /** An issue by somebody else, which may bear a marker. */
    write(body: string, author?: string): number;
  };
}

export function memoryForge(): MemoryForge {
  const issues: Kept[] = [];
  const comments = new Map<number, string[]>();
  const proposals: Proposal[] = [];
  const writes: Write[] = [];
  const found = (number: number): Kept => {
    const issue = issues.find((candidate) => candidate.number === number);
    if (issue === undefined) throw new EffectError("refused", "not-found", `there is no issue #${number}`);
    return issue;
  };
  const write = (what: Write): void => {
    if (forge.killedIn === 0) throw new Error("nobody is there to ask this");
    if (forge.throttledIn === 0) throw new EffectError("refused", "throttled", "the forge asks for patience");
    if (forge.throttledIn !== undefined) forge.throttledIn -= 1;
    writes.push(what);
  };
  /** What was asked for has happened, but nobody is left to hear of it. */
  const dieIfTold = (): void => {
    if (forge.killedIn === undefined) return;
    forge.killedIn -= 1;
    if (forge.killedIn === 0) throw new Error("killed");
  };
  const made = (facts: Pick<Kept, "title" | "body" | "labels" | "assignees" | "author">): Kept => {
    const number = issues.length + 1;
    const issue: Kept = { ...facts, number, url: `https://forge.example/issues/${number}`, state: "open" };
    issues.push(issue);
    return issue;
  };
  const forge: MemoryForge = {
    label: "forge.example/acme/credentials",
    throttledIn: undefined,
    killedIn: undefined,
    all: issues,
    comments,
    proposals,
    writes,
    open: (about) =>
      issues.filter(({ state, body, title }) => state === "open" && about.test(`${title}\n${body}`)),
    login: async () => RUNNER,
    fileUrl: (path) => `https://forge.example/file/${path}`,
    issues: async (label) =>
      issues.filter(({ labels }) => labels.includes(label)).map((issue) => structuredClone(issue)),
    createIssue: async (draft) => {
      write("open");
      const issue = made({ ...draft, author: RUNNER });
      dieIfTold();
      return { ...issue };
    },
    updateIssue: async (number, { reason, ...change }) => {
      write(`update ${number}`);
      if (number >= PULLS) return;
      const issue = found(number);
      Object.assign(issue, change);
      if (change.state === "open") delete issue.closedAs;
      if (change.state === "closed") issue.closedAs = reason ?? "completed";
      dieIfTold();
    },
    comment: async (number, body) => {
      write(`comment ${number}`);
      comments.set(number, [...(comments.get(number) ?? []), body]);
      dieIfTold();
    },
    propose: async (proposal) => {
      write(`propose ${proposal.branch}`);
      const known = proposals.findIndex(({ branch }) => branch === proposal.branch);
      if (known === -1) proposals.push(proposal);
      const number = PULLS + (known === -1 ? proposals.length - 1 : known);
      dieIfTold();
      return { number, url: `https://forge.example/pull/${number}`, state: "open" };
    },
    keepComment: notHere,
    changeOf: notHere,
    fileAt: notHere,
    isRunOver: notHere,
    schedules: notHere,
    dispatch: notHere,
    tokenExpiry: notHere,
    person: {
      close: (number, as) => void Object.assign(found(number), { state: "closed", closedAs: as }),
      reopen: (number) => {
        const issue = found(number);
        issue.state = "open";
        delete issue.closedAs;
      },
      tick: (number, points) => {
        const issue = found(number);
        for (let left = points; left > 0; left -= 1) issue.body = issue.body.replace("- [ ] ", "- [x] ");
      },
      label: (number, label) => {
        const issue = found(number);
        issue.labels = [...issue.labels, label];
      },
      assign: (number, login) => {
        const issue = found(number);
        issue.assignees = [...issue.assignees, login];
      },
      write: (body, author = "mallory") =>
        made({ title: "by hand", body, labels: ["cre"], assignees: [], author }).number,
    },
  };
  return forge;
}

async function notHere(): Promise<never> {
  throw new Error("issues do not ask for this");
}
