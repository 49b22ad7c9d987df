import type { Instant } from "../../core/model/instant.ts";
import type { DeliveryShape } from "../../core/rotation/recipe.ts";
import type { RecipeName } from "../../core/state/status.ts";
import type { Dice } from "./dice.ts";
import { type Eyes, Provider } from "./provider.ts";
import { Target } from "./target.ts";
import { Views } from "./views.ts";

/** How one simulated credential is set up. */
export interface Plan {
  readonly recipe: Extract<
    RecipeName,
    "overlap" | "ordered" | "signed" | "alternate" | "in-place" | "in-place-downtime"
  >;
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
  /** What its provider shows may be so many seconds old. */
  readonly lag: number;
}

const RECIPES = [
  "overlap",
  "overlap",
  "ordered",
  "signed",
  "alternate",
  "in-place",
  "in-place-downtime",
] as const;

/** How long people take until a certificate is there, in seconds. */
const SIGNING_SECONDS = 5 * 3600;

/** A plan of any kind that the documents' checks would accept. */
export function anyPlan(dice: Dice): Plan {
  const recipe = dice.pick(RECIPES);
  const twoSlots = recipe !== "in-place" && recipe !== "in-place-downtime";
  const pushes = recipe === "in-place-downtime" || (twoSlots && dice.once(3));
  // A target that only takes could not hold a key that waits for its certificate.
  const pushing = pushes && recipe !== "signed" ? 1 : 0;
  const most = recipe === "in-place-downtime" ? 0 : 2;
  const staging = most === 0 ? 0 : pushing === 0 ? 1 + dice.int(most) : dice.int(most + 1);
  return {
    recipe,
    staging,
    pushing,
    confirms: dice.once(2),
    pushAnswers: dice.once(2),
    eyes: dice.pick(["remembers", "remembers", "sampled", "sampled", "blind", "none"]),
    canDeactivate: !twoSlots || !dice.once(4),
    canContain: dice.once(2),
    leavesMarks: dice.once(2),
    idleLive: twoSlots && dice.once(4),
    lag: twoSlots && dice.once(3) ? 25 : 0,
  };
}

/** One credential's world: its provider, its targets, the consumers behind them, and who else signs in. */
export class Site {
  /** Never changes, whatever its document calls it. */
  readonly id: string;
  readonly plan: Plan;
  readonly provider: Provider;
  readonly targets: readonly Target[];
  readonly views: Views;
  /** Somebody beside the consumers who signs in with this secret all the time. */
  stray: string | undefined;
  /** When somebody of ours last changed something at the provider, in seconds since 1970. */
  touchedAt = 0;
  /** When somebody first asked for the certificate of each signing request, in seconds since 1970. */
  readonly #requested = new Map<string, number>();
  /** Since when its provider cannot be asked about use, in seconds since 1970; undefined: it can. */
  blindSince: number | undefined;

  constructor(id: string, plan: Plan, start: Instant, dice: Dice) {
    this.id = id;
    this.plan = plan;
    this.provider = new Provider(this.inPlace ? ["a"] : ["a", "b"], plan);
    if (plan.eyes === "blind") this.blindSince = 0;
    const [a, b] = this.provider.slots;
    const first = `${id}-first`;
    Object.assign(a ?? {}, { secret: first, live: true, createdAt: start });
    if (plan.idleLive && b !== undefined) {
      Object.assign(b, { secret: `${id}-idle`, live: true, createdAt: start });
    }
    this.views = new Views(this.provider, plan.lag, dice);
    const target = (stages: boolean, index: number): Target =>
      new Target(`${id}-${stages ? "staging" : "pushing"}-${index}`, first, {
        stages,
        confirms: plan.confirms,
        answers: stages || plan.pushAnswers,
      });
    this.targets = [
      ...Array.from({ length: plan.staging }, (_, index) => target(true, index)),
      ...Array.from({ length: plan.pushing }, (_, index) => target(false, index)),
    ];
  }

  /** Whether the certificate of a signing request is there; whoever asks first has people begin with it. */
  isSigned(request: string, now: number): boolean {
    const since = this.#requested.get(request) ?? now;
    this.#requested.set(request, since);
    return now >= since + SIGNING_SECONDS;
  }

  get inPlace(): boolean {
    return this.plan.recipe === "in-place" || this.plan.recipe === "in-place-downtime";
  }

  get shape(): DeliveryShape {
    return { staging: this.plan.staging, pushing: this.plan.pushing };
  }

  /** Secrets with a session now. */
  sessions(): ReadonlySet<string> {
    const using = [...this.targets.map((target) => target.using), this.stray];
    return new Set(using.flatMap((secret) => (this.provider.isLive(secret) ? (secret ?? []) : [])));
  }

  /** Everybody who signs in does so now; some consumers load what their target holds first. */
  live(now: Instant, dice: Dice | undefined): void {
    for (const target of this.targets) {
      if (dice === undefined || !dice.once(3)) target.reload();
      target.login(this.provider, now);
    }
    if (!this.provider.login(this.stray, now)) this.stray = undefined;
  }
}
