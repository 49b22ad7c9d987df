import type { Instant } from "../../core/model/instant.ts";
import { addTo } from "../../core/model/instant.ts";
import type { RecipeName, Status } from "../../core/state/status.ts";
import { at, credential, status as emptyRecord } from "../evaluation/world.ts";
import { type Eyes, SimulatedProvider } from "./provider.ts";
import { SimulatedTarget } from "./target.ts";

/** How one simulated credential is set up. */
export interface Plan {
  readonly recipe: Extract<RecipeName, "overlap" | "alternate" | "in-place" | "in-place-downtime">;
  readonly staging: number;
  readonly pushing: number;
  readonly confirms: boolean;
  /** A push-only target can say what it holds. */
  readonly pushAnswers: boolean;
  readonly eyes: Eyes;
  readonly canDeactivate: boolean;
  readonly canContain: boolean;
  readonly leavesMarks: boolean;
  /** The other slot holds a version that can log in before we come. */
  readonly idleLive: boolean;
  readonly revokeFirst: boolean;
  /** Grace is longer than quiet. */
  readonly longGrace: boolean;
}

const START = at("2026-01-01");
export const CREDENTIAL = credential("orders-db", {
  type: "database-password",
  method: "automated",
}).document;

/** The world around one credential: its provider, its consumers, the clock, and the record that survives a crash. */
export class Estate {
  readonly plan: Plan;
  readonly provider: SimulatedProvider;
  readonly targets: readonly SimulatedTarget[];
  /** The record that is pushed. */
  pushed: Status;
  now: Instant = START;
  /** Somebody beside the consumers who signs in with this secret all the time. */
  stray: string | undefined;
  incident: Instant | undefined;
  hold = false;
  closedWindow = false;
  documentGone = false;

  constructor(plan: Plan) {
    this.plan = plan;
    const inPlace = plan.recipe === "in-place" || plan.recipe === "in-place-downtime";
    this.provider = new SimulatedProvider(inPlace ? ["a"] : ["a", "b"], plan);
    const [a, b] = this.provider.slots;
    Object.assign(a ?? {}, { secret: "first", live: true, createdAt: START });
    if (plan.idleLive && b !== undefined) Object.assign(b, { secret: "idle", live: true, createdAt: START });
    const target = (stages: boolean, index: number): SimulatedTarget =>
      new SimulatedTarget(`${stages ? "staging" : "pushing"} ${index}`, "first", {
        stages,
        confirms: plan.confirms,
        answers: stages || plan.pushAnswers,
      });
    this.targets = [
      ...Array.from({ length: plan.staging }, (_, index) => target(true, index)),
      ...Array.from({ length: plan.pushing }, (_, index) => target(false, index)),
    ];
    const { adoptedAt: _, ...unknown } = emptyRecord("orders-db", { epoch: 0 });
    this.pushed = unknown;
  }

  get inPlace(): boolean {
    return this.provider.slots.length === 1;
  }

  /** Secrets with a session now. */
  sessions(): ReadonlySet<string> {
    const using = [...this.targets.map((target) => target.using), this.stray];
    return new Set(
      using.filter((secret) => secret !== undefined && this.provider.isLive(secret)) as string[],
    );
  }

  /** Time passes; everybody who signs in does so at its end. */
  pass(seconds: number): void {
    this.now = addTo(this.now, seconds);
    for (const target of this.targets) target.login(this.provider, this.now);
    if (!this.provider.login(this.stray, this.now)) this.stray = undefined;
  }
}
