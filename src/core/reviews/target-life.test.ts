import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  at,
  connection,
  credential,
  documents,
  evaluateAt,
  only,
  records,
  settings,
  sha256,
  told,
} from "../../testing/evaluation/world.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import type { SettingsSpec } from "../documents/settings.ts";
import { addTo, type Instant } from "../model/instant.ts";
import { EMPTY_REVIEWS, type ReviewBook, type ReviewFact } from "../state/review-book.ts";
import { learnTargets, targetQuestions } from "./learn-targets.ts";
import { usableDocuments } from "./usable-documents.ts";

const GITHUB: SettingsSpec = { forge: { kind: "github" } };
const START = at("2026-03-01");
const DAY = 86_400;

const hook = (host: string, name = "hook") =>
  connection(name, { webhook: { url: `https://${host}/`, key: { id: "k1", secret: { env: "HOOK_KEY" } } } });
const orders = (target = "hook", metadata: { name?: string; formerNames?: string[] } = {}) =>
  credential(
    "orders",
    {
      method: "automated",
      provider: { "aws-iam": { connection: "cloud", user: "orders" } },
      deliver: [{ webhook: { connection: target } }],
    },
    metadata,
  );
const CLOUD = connection("cloud", { aws: { region: "eu-central-1" } });

/** What the forge says of the present form of a target; `approved` from that instant on. */
type Word = { readonly approved: Instant } | "void" | "pushed";

function fact(document: string, word: Word): ReviewFact {
  const base = { document, at: START, commit: "c1", file: "policies/hook.yaml", blob: "b1" };
  if (word === "pushed") {
    return { ...base, verdict: "void", reason: "it was pushed", settled: true, approvers: [] };
  }
  if (word === "void") {
    return { ...base, verdict: "void", reason: "nobody approved #12", settled: false, approvers: [] };
  }
  return {
    ...base,
    verdict: "approved",
    reason: "carol approved #12",
    settled: true,
    approvers: ["carol"],
    approvedAt: word.approved,
  };
}

/** A repository whose runs look at its targets one after the other. */
class Life {
  book: ReviewBook = EMPTY_REVIEWS;
  now = START;
  commit = 0;
  asked: readonly string[] = [];
  readonly history = new Map<string, Documents>();
  docs: Documents;
  readonly #spec: SettingsSpec;

  constructor(spec: SettingsSpec = GITHUB, first: readonly Sourced[] = [orders(), hook("good"), CLOUD]) {
    this.#spec = spec;
    this.docs = documents(...first, settings(spec));
    this.run();
  }

  change(...all: readonly Sourced[]): this {
    this.docs = documents(...all, settings(this.#spec));
    this.commit += 1;
    return this;
  }

  later(seconds: number): this {
    this.now = addTo(this.now, seconds);
    return this;
  }

  /** A run; `words` are the forge's answers by key. Events, shortened. */
  run(words: Readonly<Record<string, Word>> = {}): readonly string[] {
    const commit = `commit-${this.commit}`;
    this.history.set(commit, this.docs);
    const input = { documents: this.docs, commit, now: this.now, sha256 };
    const questions = targetQuestions(this.book, input);
    this.asked = questions.map(({ id }) => id);
    const answers = new Map(
      questions.flatMap(({ id, document }): [string, ReviewFact][] => {
        const word = words[id];
        return word === undefined ? [] : [[id, fact(document, word)]];
      }),
    );
    const { targets, events } = learnTargets(this.book.targets, input, answers);
    this.book = { ...this.book, ...(targets === undefined ? {} : { targets }) };
    return events.map(({ event, detail }) => `${event} ${String(detail?.["document"] ?? detail?.["count"])}`);
  }

  get world() {
    const state = records({ books: { reviews: this.book } });
    return { documents: this.docs, state, now: this.now, sha256 };
  }

  /** Hosts that the credential's secret may go to now. */
  usable() {
    const found = usableDocuments(this.world, (commit) => this.history.get(commit));
    const document = found.documents.credentials.get("orders")?.document;
    const target = document?.spec.deliver?.[0]?.webhook?.connection ?? "";
    const url = found.documents.connections.get(target)?.document.spec.webhook?.url;
    return { url, refused: found.refused.get("orders") };
  }

  held(name = "orders") {
    const all = [...this.docs.credentials.values(), ...this.docs.connections.values(), settings(this.#spec)];
    const result = evaluateAt(this.now, all, { books: { reviews: this.book } });
    const evaluated = only(result, name);
    return { until: evaluated.change?.until, reason: evaluated.change?.reason, told: told(evaluated) };
  }
}

const CHANGED = [orders(), hook("evil"), CLOUD];
const KEY = "Connection hook";

describe("a change of a connection", () => {
  it("is in force from the first look, when nobody has looked before", () => {
    expect(new Life().held().reason).toBeUndefined();
  });

  it("holds its credentials at once, also before a run has seen it, and the old target stays the one in use", () => {
    const life = new Life().change(...CHANGED);
    expect(life.held()).toMatchObject({
      until: undefined,
      reason: "connection hook was changed: no run has recorded that yet",
      told: expect.arrayContaining(["target-changed warning"]),
    });
    expect(life.usable().url).toBe("https://good/");
  });

  it("waits for an approval for ever", () => {
    const life = new Life().change(...CHANGED);
    expect(life.run()).toEqual(["target.changed Connection hook"]);
    expect(life.held().reason).toContain("no run has yet been told by the forge who approved that");
    expect(life.later(400 * DAY).run({ [KEY]: "void" })).toEqual(["review.seen Connection hook"]);
    expect(life.held()).toMatchObject({
      until: undefined,
      reason: expect.stringContaining("nobody approved #12"),
    });
    expect(life.usable().url).toBe("https://good/");
    expect(life.run({ [KEY]: "void" })).toEqual([]);
  });

  it("rests after the approval, and is then in force by itself", () => {
    const life = new Life().change(...CHANGED).later(60);
    life.run({ [KEY]: { approved: life.now } });
    expect(life.held()).toMatchObject({
      until: addTo(START, 60 + DAY),
      reason: expect.stringContaining("carol"),
    });
    expect(life.later(DAY - 1).usable().url).toBe("https://good/");
    expect(life.run()).toEqual([]);
    expect(life.later(1).held().reason).toBeUndefined();
    expect(life.usable().url).toBe("https://evil/");
    expect(life.run()).toEqual(["target.accepted Connection hook"]);
    expect(life.usable().url).toBe("https://evil/");
  });

  it("that was approved long ago is in force with the run that sees it", () => {
    const life = new Life().later(10 * DAY).change(...CHANGED);
    expect(life.run({ [KEY]: { approved: START } })).toEqual([
      "target.changed Connection hook",
      "review.seen Connection hook",
      "target.accepted Connection hook",
    ]);
  });

  it("is asked about until the answer is settled", () => {
    const life = new Life().change(...CHANGED);
    life.run({ [KEY]: "void" });
    expect(life.asked).toEqual([KEY]);
    life.run({ [KEY]: "pushed" });
    expect(life.asked).toEqual([KEY]);
    life.later(DAY).run({ [KEY]: { approved: START } });
    expect(life.asked).toEqual([]);
    expect(life.later(9 * DAY).held().reason).toContain("it was pushed");
  });

  it("is asked about again on the day on which the forge knew of no change that brought it", () => {
    const life = new Life().change(...CHANGED);
    life.run({ [KEY]: "pushed" });
    life.later(DAY - 1).run({ [KEY]: { approved: START } });
    expect(life.asked).toEqual([KEY]);
    expect(life.later(1).usable().url).toBe("https://evil/");
  });

  it("that is taken back lifts its hold at once", () => {
    const life = new Life().change(...CHANGED);
    life.run({ [KEY]: "void" });
    life.change(orders(), hook("good"), CLOUD);
    expect(life.held().reason).toBeUndefined();
    expect(life.run()).toEqual(["target.restored Connection hook"]);
  });

  it("that is changed again needs an approval of its own, and rests anew", () => {
    const life = new Life().change(...CHANGED);
    life.run({ [KEY]: { approved: START } });
    life.later(2 * DAY).change(orders(), hook("worse"), CLOUD);
    life.run({ [KEY]: "void" });
    expect(life.held().reason).toContain("nobody approved");
    expect(life.usable().url).toBe("https://good/");
  });

  it("is no help to a later change that no run has seen", () => {
    const life = new Life().change(...CHANGED);
    life.run({ [KEY]: { approved: START } });
    life.later(2 * DAY).change(orders(), hook("worse"), CLOUD);
    expect(life.held().reason).toContain("no run has recorded that yet");
    expect(life.usable().url).toBe("https://good/");
  });

  it("ends by itself only if everything that was changed does", () => {
    const abroad = connection("cloud", { aws: { region: "us-east-1" } });
    const life = new Life().change(orders(), hook("evil"), abroad);
    life.run({ [KEY]: { approved: START }, "Connection cloud": "void" });
    expect(life.held()).toMatchObject({
      until: undefined,
      reason: expect.stringMatching(/nobody approved.*rests until/),
    });
  });

  it("holds what takes a secret through it", () => {
    const through = connection("hook", {
      webhook: {
        url: "https://good/",
        key: { id: "k1", secret: { "aws-ssm": { connection: "vault", name: "/hook" } } },
      },
    });
    const vault = (region: string) => connection("vault", { aws: { region } });
    const life = new Life(GITHUB, [orders(), through, CLOUD, vault("eu-central-1")]);
    life.change(orders(), through, CLOUD, vault("us-east-1"));
    expect(life.held().reason).toContain("connection vault was changed");
  });

  it("holds nothing that does not use it", () => {
    const other = hook("other", "other");
    const life = new Life(GITHUB, [orders(), hook("good"), CLOUD, other]);
    life.change(orders(), hook("good"), CLOUD, hook("evil", "other"));
    expect(life.held().reason).toBeUndefined();
  });

  it("refuses its credentials when the accepted form cannot be read any more", () => {
    const life = new Life().change(...CHANGED);
    const refusal = {
      url: undefined,
      refused: expect.stringMatching(/accepted form cannot be read at commit-0: take the change back/),
    };
    life.history.set("commit-0", documents(orders(), hook("other"), CLOUD));
    expect(life.usable()).toEqual(refusal);
    life.history.clear();
    expect(life.usable()).toEqual(refusal);
  });

  it("holds everything with a target while the book cannot be read", () => {
    const state = {
      ...records({}),
      unreadable: [{ path: "registry/status/_reviews.json", problem: "no JSON" }],
    };
    const life = new Life();
    const found = usableDocuments({ ...life.world, state }, () => life.docs);
    expect([...found.refused.keys()]).toEqual(["orders"]);
  });
});

describe("a change of what a credential is delivered to", () => {
  const two = [hook("good"), CLOUD, hook("second", "second")];
  it("is held like one of a connection, by its own document", () => {
    const life = new Life(GITHUB, [orders(), ...two]).change(orders("second"), ...two);
    life.run({ "Credential orders": "void" });
    expect(life.held().reason).toBe("provider or deliver of orders was changed: nobody approved #12");
    expect(life.usable().url).toBe("https://good/");
    life.run({ "Credential orders": { approved: START } });
    life.later(DAY).run();
    expect(life.usable().url).toBe("https://second/");
  });

  it("to a connection that came later also needs an approval of that connection", () => {
    const life = new Life().change(orders(), ...two);
    life.run();
    life.change(orders("second"), ...two);
    life.run({ "Credential orders": { approved: START }, "Connection second": "void" });
    expect(life.asked).toEqual(["Credential orders", "Connection second"]);
    life.later(9 * DAY).run();
    expect(life.held().reason).toContain("it now uses the connection second, and nobody approved #12");
    expect(life.usable().url).toBe("https://good/");
    life.run({ "Connection second": { approved: START } });
    expect(life.usable().url).toBe("https://second/");
  });

  it("is seen through a rename", () => {
    const life = new Life(GITHUB, [orders(), ...two]);
    life.change(orders("second", { name: "orders2", formerNames: ["orders"] }), ...two);
    expect(life.held("orders2").reason).toContain("no run has recorded that yet");
    expect(life.run({})).toEqual(["target.renamed Credential orders2", "target.changed Credential orders2"]);
    expect(Object.keys(life.book.targets ?? {})).not.toContain("Credential orders");
    const found = usableDocuments(life.world, (commit) => life.history.get(commit));
    const renamed = found.documents.credentials.get("orders2")?.document;
    expect(renamed?.spec.deliver?.[0]?.webhook?.connection).toBe("hook");
  });

  it("keeps the old target usable although the same change removes its connection, and that which it takes secrets from", () => {
    const vault = connection("vault", { aws: { region: "eu-central-1" } });
    const key = { id: "k1", secret: { "aws-ssm": { connection: "vault", name: "/hook" } } };
    const through = (url: string) => connection("hook", { webhook: { url, key } });
    const life = new Life(GITHUB, [orders(), hook("good"), CLOUD]);
    life.change(orders(), through("https://better/"), CLOUD, vault);
    life.run({ [KEY]: { approved: START } });
    life.later(2 * DAY).run();
    expect(life.usable().url).toBe("https://better/");
    life.change(orders("second"), CLOUD, hook("second", "second"));
    life.run();
    expect(life.usable()).toEqual({ url: "https://better/", refused: undefined });
    const found = usableDocuments(life.world, (commit) => life.history.get(commit));
    expect(found.documents.connections.has("vault")).toBe(true);
    life.history.delete("commit-1");
    expect(life.usable().refused).toMatch(/connection hook was removed.*cannot be read/);
  });

  it("is held after a rename that changed nothing, though the document no longer says what it was called", () => {
    const life = new Life(GITHUB, [orders(), ...two]);
    life.change(orders("hook", { name: "orders2", formerNames: ["orders"] }), ...two);
    expect(life.run()).toEqual(["target.renamed Credential orders2"]);
    life.change(orders("second", { name: "orders2" }), ...two);
    expect(life.run()).toEqual(["target.changed Credential orders2"]);
    expect(life.held("orders2").reason).toContain("no run has yet been told");
  });

  it("is held after a rename during which it had no target", () => {
    const life = new Life(GITHUB, [orders(), ...two]);
    life.change(credential("orders", {}, { name: "orders2", formerNames: ["orders"] }), ...two);
    life.run();
    life.change(orders("second", { name: "orders2" }), ...two);
    life.run();
    expect(life.held("orders2").reason).toContain("no run has yet been told");
  });

  it("is held when a document that was known before takes the record over", () => {
    const heir = orders("second", { name: "heir" });
    const life = new Life(GITHUB, [orders(), ...two]).change(orders(), heir, ...two);
    life.run();
    life.change(orders("second", { name: "heir", formerNames: ["orders"] }), ...two);
    expect(life.held("heir").reason).toContain("no run has recorded that yet");
    expect(life.run()).toEqual(["target.renamed Credential heir", "target.changed Credential heir"]);
    const found = usableDocuments(life.world, (commit) => life.history.get(commit));
    const document = found.documents.credentials.get("heir")?.document;
    expect(document?.spec.deliver?.[0]?.webhook?.connection).toBe("hook");
  });

  it("of a credential that is new is in force at once", () => {
    const life = new Life(GITHUB, [hook("good"), CLOUD]).change(orders(), hook("good"), CLOUD);
    life.run();
    expect(life.held().reason).toBeUndefined();
  });

  it("by other fields of its document is none", () => {
    const labelled = orders();
    const life = new Life().change(
      {
        ...labelled,
        document: { ...labelled.document, metadata: { name: "orders", labels: { scope: "pci" } } },
      },
      hook("good"),
      CLOUD,
    );
    expect(life.run()).toEqual([]);
  });
});

describe("a change of a command", () => {
  const run = (executable: string): SettingsSpec => ({ ...GITHUB, commands: { deploy: [executable] } });
  const byCommand = credential("orders", { deliver: [{ command: { run: "deploy" } }] });
  it("holds what it delivers, and the old one stays in use", () => {
    const life = new Life(run("/bin/good"), [byCommand]);
    life.docs = documents(byCommand, settings(run("/bin/evil")));
    const found = usableDocuments(life.world, (commit) => life.history.get(commit));
    expect(found.documents.settings?.document.spec.commands).toEqual({ deploy: ["/bin/good"] });
  });
});

describe("without a forge", () => {
  it("a change rests from the first run that saw it, where the settings say how long", () => {
    const life = new Life({ changes: { cooldown: "2h" } }).change(...CHANGED).later(60);
    life.run();
    expect(life.asked).toEqual([]);
    expect(life.held().until).toBe(addTo(START, 60 + 7200));
    expect(life.later(7200).held().reason).toBeUndefined();
    expect(life.run()).toEqual(["target.accepted Connection hook"]);
  });

  it("a change is in force at once, where they say nothing, and nothing is recorded", () => {
    const life = new Life({}).change(...CHANGED);
    expect(life.run()).toEqual([]);
    expect(life.held().reason).toBeUndefined();
    expect(life.usable().url).toBe("https://evil/");
    expect(life.book).toEqual(EMPTY_REVIEWS);
  });
});

type Deed =
  | { readonly kind: "aim"; readonly host: string }
  | { readonly kind: "switch"; readonly to: string }
  | { readonly kind: "approve" | "object" | "run" }
  | { readonly kind: "wait"; readonly hours: number };

it("whatever people change, approve and take back, a secret goes only where another person let it go a day ago", () => {
  const deed: fc.Arbitrary<Deed> = fc.oneof(
    fc.record({ kind: fc.constant("aim" as const), host: fc.constantFrom("good", "evil", "worse") }),
    fc.record({ kind: fc.constant("switch" as const), to: fc.constantFrom("hook", "second") }),
    fc.record({ kind: fc.constantFrom("approve" as const, "object" as const, "run" as const) }),
    fc.record({ kind: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 30 }) }),
  );
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 25 }), (deeds) => {
      const life = new Life();
      let [host, target] = ["good", "hook"];
      // When which form was approved: of `hook` by its host, of the credential by its target, of `second` as it came.
      const approvals = new Map<string, Instant>();
      const free = new Set(["hook good", "orders hook"]);
      // What a run was told is a fact, also when the approval is taken back afterwards.
      const seen = new Map<string, Instant>();
      const isFree = (form: string): boolean => {
        const when = seen.get(form) ?? approvals.get(form);
        return free.has(form) || (when !== undefined && addTo(when, DAY) <= life.now);
      };
      const word = (form: string): Word => {
        const when = approvals.get(form);
        return when === undefined ? "void" : { approved: when };
      };
      for (const one of deeds) {
        if (one.kind === "aim") host = one.host;
        else if (one.kind === "switch") target = one.to;
        else if (one.kind === "wait") life.later(one.hours * 3600);
        else if (one.kind === "run") {
          for (const form of [`hook ${host}`, `orders ${target}`]) {
            const when = approvals.get(form);
            if (when !== undefined && !seen.has(form)) seen.set(form, when);
          }
          life.run({
            [KEY]: word(`hook ${host}`),
            "Credential orders": word(`orders ${target}`),
            "Connection second": word("second as it came"),
          });
        } else {
          for (const form of [`hook ${host}`, `orders ${target}`, "second as it came"]) {
            if (one.kind === "object") approvals.delete(form);
            else if (!approvals.has(form)) approvals.set(form, life.now);
          }
        }
        life.change(orders(target), hook(host), CLOUD, hook("second", "second"));
        const { url, refused } = life.usable();
        expect(refused).toBeUndefined();
        const form = url === "https://second/" ? "orders second" : `hook ${url?.slice(8, -1)}`;
        expect(isFree(form)).toBe(true);
        // What is in force stays so, though an approval is taken back later.
        free.add(form);
        const wanted = target === "second" ? "https://second/" : `https://${host}/`;
        expect(life.held().reason !== undefined || url === wanted).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
});
