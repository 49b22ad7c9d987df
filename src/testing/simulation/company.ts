import type { Credential } from "../../core/documents/credential.ts";
import type { Documents, Sourced } from "../../core/documents/kinds.ts";
import type { Policy } from "../../core/documents/policy.ts";
import { addTo, type Instant } from "../../core/model/instant.ts";
import { credential, documents, hold, policy, settings } from "../evaluation/world.ts";
import type { Dice } from "./dice.ts";
import { Repository } from "./repository.ts";
import { anyPlan, type Plan, Site } from "./site.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What people have written about one credential. */
export interface Paper {
  name: string;
  formerNames: readonly string[];
  /** `invalid`: there is a document, and it cannot be read. */
  presence: "there" | "gone" | "invalid";
  compromised: Instant | undefined;
}

/** What people have written besides. */
export interface Rules {
  readonly rotateWithin: string;
  readonly gracePeriod: string;
  readonly revokeFirst: boolean;
  window: boolean;
  held: Instant | undefined;
  frozen: Instant | undefined;
}

/** Days a version may live. */
const LIFETIMES = [3, 4, 6] as const;

/** Some credentials with their worlds, the documents about them, and the remote in which these and the records lie. */
export class Company {
  readonly sites: readonly Site[];
  readonly papers: ReadonlyMap<string, Paper>;
  readonly rules: Rules;
  readonly repository = new Repository();
  readonly lifetimeDays: number;
  readonly #time: VirtualTime;

  constructor(dice: Dice, time: VirtualTime) {
    this.#time = time;
    this.sites = Array.from({ length: 1 + dice.int(4) }, (_, index) => {
      const plan: Plan = anyPlan(dice);
      return new Site(`s${index}`, plan, time.instant, dice.fork());
    });
    this.papers = new Map(
      this.sites.map(({ id }) => [
        id,
        { name: `${id}-key`, formerNames: [], presence: "there", compromised: undefined },
      ]),
    );
    this.lifetimeDays = dice.pick(LIFETIMES);
    this.rules = {
      rotateWithin: `${this.lifetimeDays}d`,
      gracePeriod: dice.pick(["3h", "12h"]),
      revokeFirst: dice.once(4),
      window: false,
      held: undefined,
      frozen: undefined,
    };
    this.merge();
  }

  paper(site: Site): Paper {
    const paper = this.papers.get(site.id);
    if (paper === undefined) throw new Error(`nobody wrote about ${site.id}`);
    return paper;
  }

  site(id: string | undefined): Site {
    const site = this.sites.find((one) => one.id === id);
    if (site === undefined) throw new Error(`no site ${id}`);
    return site;
  }

  /** What people have decided reaches the default branch. */
  merge(): void {
    const invalid = [...this.papers.values()].filter(({ presence }) => presence === "invalid").length;
    this.repository.merge(this.#documents(), invalid, {
      change: "changed",
      kind: "Policy",
      name: "all",
      file: "policies/all.yaml",
      author: "alice",
      at: this.#time.instant,
    });
  }

  /** People push an old version of all documents as a new commit (git revert). */
  revert(): void {
    const { documents: history } = this.repository;
    const old = history.at(-2);
    if (old === undefined) return;
    this.repository.merge(old.inputs.documents, old.inputs.problems.length);
  }

  #documents(): Documents {
    const { held, frozen } = this.rules;
    const all: Sourced[] = [this.#policy()];
    for (const site of this.sites) {
      if (this.paper(site).presence === "there") all.push(this.#credential(site));
    }
    const names = [...this.papers.values()].flatMap(({ name, presence }) =>
      presence === "there" ? [name] : [],
    );
    if (held !== undefined && names.length > 0) {
      all.push(hold("pause", { until: held, credentials: [names[0] ?? ""] }));
    }
    const freeze =
      frozen === undefined
        ? {}
        : { freeze: [{ from: this.#time.instant, to: frozen, reason: "end of the year" }] };
    all.push(settings({ limits: { perService: 9, ...freeze } }));
    return documents(...all);
  }

  #credential(site: Site): Sourced<Credential> {
    const { name, formerNames, compromised } = this.paper(site);
    const { plan } = site;
    const deliver = [...site.targets].map(() => ({
      webhook: { connection: "hook", ...(plan.recipe === "in-place" ? { triesPending: true } : {}) },
    }));
    return credential(
      name,
      {
        type: "database-password",
        method: "automated",
        service: `service-of-${site.id}`,
        provider: {
          postgresql: {
            connection: "cluster",
            database: site.id,
            roles: site.provider.slots.map((slot) => slot.name),
          },
        },
        deliver,
        // With two versions that can log in the document says which one is meant.
        ...(plan.idleLive ? { handle: "a" } : {}),
        ...(compromised === undefined
          ? {}
          : { compromised: { at: compromised, reportedBy: "alice", reason: "in a build log" } }),
      },
      formerNames.length === 0 ? {} : { formerNames: [...formerNames] },
    );
  }

  #policy(): Sourced<Policy> {
    const { rotateWithin, gracePeriod, revokeFirst, window } = this.rules;
    return policy("all", {
      rotateWithin,
      enforcement: "rotate",
      warnBefore: "1d",
      gracePeriod,
      quietPeriod: "6h",
      soakPeriod: "6h",
      emergency: { order: revokeFirst ? "revoke-first" : "replace-first", confirmWithin: "1m" },
      inPlace: { allowDowntime: "1h" },
      ...(window ? { window: { cron: "0 */6 * * *", duration: "3h" } } : {}),
    });
  }

  /** Everybody who uses credentials does so now. */
  live(dice: Dice | undefined): void {
    for (const site of this.sites) site.live(this.#time.instant, dice);
  }

  /** The end of something that lasts so many days. */
  inDays(days: number): Instant {
    return addTo(this.#time.instant, days * 86_400);
  }
}
