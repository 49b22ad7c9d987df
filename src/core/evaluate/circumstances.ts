import { matchDiscovery } from "../discovery/match-discovery.ts";
import type { Matched } from "../discovery/matched.ts";
import type { Credential } from "../documents/credential.ts";
import type { Policy } from "../documents/policy.ts";
import { SETTINGS_DEFAULTS } from "../documents/settings.ts";
import { type ChangeHold, changeHolds } from "../reviews/change-hold.ts";
import { isOpen } from "../rotation/transition.ts";
import { EMPTY_DISCOVERY } from "../state/discovery-book.ts";
import type { EvaluationInput } from "./evaluation.ts";
import { type ExceptionIndex, indexExceptions, type JudgedException, judgeExceptions } from "./exceptions.ts";
import { freezeAt } from "./freeze.ts";
import { compareText } from "./order.ts";

/** What holds for all credentials at one instant, worked out once. */
export interface Circumstances {
  readonly input: EvaluationInput;
  /** By name. */
  readonly policies: readonly Policy[];
  readonly exceptions: readonly JudgedException[];
  readonly exceptionsAbout: ExceptionIndex;
  /** The change of its targets that keeps a credential back. */
  readonly changeOf: (credential: Credential) => ChangeHold | undefined;
  /** What the newest looks at the sources and the registry say of each other; undefined: there are no sources. */
  readonly discovery: Matched | undefined;
  readonly freeze: ReturnType<typeof freezeAt>;
  /** Why no further rotation of this service can start: a limit of the settings that open rotations use up. */
  readonly limitOn: (service: string) => string | undefined;
}

export function circumstancesOf(input: EvaluationInput): Circumstances {
  const { documents, now } = input;
  const { state, sha256, assumeApproved } = input;
  const reviews = assumeApproved === true ? undefined : { book: state.books?.reviews, sha256 };
  const exceptions = judgeExceptions(documents, now, reviews);
  return {
    input,
    policies: [...documents.policies.values()]
      .map(({ document }) => document)
      .toSorted((a, b) => compareText(a.metadata.name, b.metadata.name)),
    exceptions,
    exceptionsAbout: indexExceptions(exceptions),
    changeOf: changeHolds(input),
    discovery: matchDiscovery({
      documents,
      statuses: state.statuses,
      book: state.books?.discovery ?? EMPTY_DISCOVERY,
      now,
    }),
    freeze: freezeAt(documents.settings?.document.spec, now),
    limitOn: limits(input),
  };
}

/** `perService` counts rotations from issue to confirm, `openRotations` all. */
function limits({ documents, state }: EvaluationInput): Circumstances["limitOn"] {
  const given = documents.settings?.document.spec.limits;
  const most = {
    starts: given?.startsPerRun ?? SETTINGS_DEFAULTS.startsPerRun,
    open: given?.openRotations ?? SETTINGS_DEFAULTS.openRotations,
    perService: given?.perService ?? SETTINGS_DEFAULTS.perService,
  };
  const open = [...state.statuses.values()].filter(({ rotation }) => isOpen(rotation));
  const unconfirmed = new Map<string, number>();
  for (const { service, rotation } of open) {
    if (rotation?.confirmedAt !== undefined || rotation?.recipe === "adopt") continue;
    unconfirmed.set(service, (unconfirmed.get(service) ?? 0) + 1);
  }
  return (service) => {
    if (most.starts === 0) return "limits.startsPerRun is 0";
    if (open.length >= most.open) return `limits.openRotations ${most.open} is reached`;
    if ((unconfirmed.get(service) ?? 0) < most.perService) return undefined;
    return `limits.perService ${most.perService} is reached for ${service}`;
  };
}
