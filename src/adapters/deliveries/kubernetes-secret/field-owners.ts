import { EffectError } from "../../../core/model/errors.ts";
import type { FieldManager, SecretObject } from "../../clients/kubernetes/api-object.ts";
import type { Place } from "./place.ts";

/** Types whose values the cluster itself, or a package manager, makes. */
const MADE_BY_OTHERS: ReadonlyMap<string, string> = new Map([
  ["kubernetes.io/service-account-token", "the cluster's token controller"],
  ["bootstrap.kubernetes.io/token", "the cluster's bootstrap"],
  ["helm.sh/release.v1", "Helm, for its releases"],
]);

/** Owners that write the Secret from a source of their own, also where they do not call themselves its controller. */
const RECONCILING_OWNERS: ReadonlySet<string> = new Set([
  "ExternalSecret",
  "ClusterExternalSecret",
  "PushSecret",
  "SealedSecret",
  "VaultStaticSecret",
  "VaultDynamicSecret",
  "VaultPKISecret",
  "OnePasswordItem",
  "BitwardenSecret",
  "InfisicalSecret",
  "SopsSecret",
  "Certificate",
]);

/** Marks by which tools that write an object again and again know it. */
const RECONCILERS: readonly { readonly tool: string; readonly mark: RegExp }[] = [
  { tool: "External Secrets", mark: /^reconcile\.external-secrets\.io\// },
  { tool: "Sealed Secrets", mark: /^sealedsecrets\.bitnami\.com\// },
  { tool: "Argo CD", mark: /^argocd\.argoproj\.io\/(tracking-id|instance)$/ },
  { tool: "Flux", mark: /^(kustomize|helm)\.toolkit\.fluxcd\.io\/name$/ },
  { tool: "Helm", mark: /^meta\.helm\.sh\/release-name$/ },
  { tool: "kubectl apply", mark: /^kubectl\.kubernetes\.io\/last-applied-configuration$/ },
  { tool: "Reflector", mark: /^reflector\.v1\.k8s\.emberstack\.com\/reflects$/ },
];

/**
 * What `kubectl` calls itself where a person changes something once. `kubectl apply` (`kubectl-client-side-apply`,
 * and `kubectl` with the operation Apply) is not among them: its manifest lies somewhere and is applied again.
 */
const ONE_TIME_HAND = /^kubectl-(create|edit|patch|replace|set)$/;
/** The API's name for whoever wrote before it kept field ownership, or before a person cleared it. */
const NOBODY_KNOWN = "before-first-apply";

/**
 * The attempt that the target's annotation names, if all of it is there: the annotation and every key are still ours,
 * so nobody has written or removed one since. Who applies the same value shares a key, and takes none away.
 */
export function currentAttempt(target: SecretObject | undefined, place: Place): string | undefined {
  if (target === undefined) return undefined;
  const own = ownManager(target, place);
  const isWhole =
    own?.annotations.has(place.attemptMark) === true &&
    Object.keys(place.values).every((key) => own.keys.has(key));
  return isWhole ? target.annotations.get(place.attemptMark) : undefined;
}

/**
 * Decides whether this delivery may write its keys into the target. `force` takes them over from whoever wrote them:
 * only from a person who did it once (before our first delivery), or where nobody is known to have written them.
 * Whoever reconciles would put the old value back, so these are refused by their name.
 */
export function claim(
  label: string,
  target: SecretObject | undefined,
  place: Place,
): { readonly force: boolean } {
  if (target === undefined) return { force: false };
  refuseKinds(label, target, place);
  const rivals = target.managers.filter((manager) => isRival(manager, place));
  for (const rival of rivals) {
    if (rival.name === NOBODY_KNOWN) continue;
    const wasOurs = ownManager(target, place) !== undefined || target.annotations.has(place.attemptMark);
    const isHand = rival.operation === "Update" && ONE_TIME_HAND.test(rival.name);
    if (!isHand) throw ownedBy(label, place, rival, reconcilerOf(target));
    if (wasOurs) throw changedByHand(label, place, rival);
    const reconciler = reconcilerOf(target);
    if (reconciler !== undefined) throw ownedBy(label, place, rival, reconciler);
  }
  return { force: rivals.length > 0 || target.managers.length === 0 };
}

function refuseKinds(label: string, target: SecretObject, place: Place): void {
  const { namespace, name } = place;
  const refuse = (code: string, problem: string, fix: string, retryable = false): never => {
    throw new EffectError("refused", code, `${label}: ${problem}`, { fix, retryable });
  };
  if (target.isBeingDeleted) {
    refuse(
      "kubernetes-deleting",
      "the Secret is being deleted",
      "wait until it is gone, or find out which finalizer keeps it",
      true,
    );
  }
  if (target.isImmutable) {
    refuse(
      "kubernetes-immutable",
      "the Secret is immutable",
      `an immutable Secret never changes again: kubectl delete secret ${name} -n ${namespace}, and create it without \`immutable\``,
    );
  }
  const maker = MADE_BY_OTHERS.get(target.type ?? "");
  if (maker !== undefined) {
    refuse(
      "kubernetes-type",
      `Secrets of the type ${target.type} are made by ${maker}`,
      "deliver into a Secret of its own",
    );
  }
  const owner = target.owners.find(({ kind, isController }) => isController || RECONCILING_OWNERS.has(kind));
  if (owner !== undefined) {
    refuse(
      "kubernetes-owned",
      `the Secret belongs to ${owner.kind} ${owner.name}, which would put the old value back`,
      `deliver to where ${owner.kind} ${owner.name} takes it from, or into a Secret of its own`,
    );
  }
}

function isRival(manager: FieldManager, { manager: own, values, attemptMark }: Place): boolean {
  if (manager.name === own && manager.operation === "Apply") return false;
  return manager.annotations.has(attemptMark) || Object.keys(values).some((key) => manager.keys.has(key));
}

function ownManager(target: SecretObject, { manager }: Place): FieldManager | undefined {
  return target.managers.find(({ name, operation }) => name === manager && operation === "Apply");
}

function reconcilerOf({ annotations, labels }: SecretObject): string | undefined {
  const marks = [...annotations.keys(), ...labels.keys()];
  return RECONCILERS.find(({ mark }) => marks.some((name) => mark.test(name)))?.tool;
}

function ownedBy(
  label: string,
  place: Place,
  rival: FieldManager,
  reconciler: string | undefined,
): EffectError {
  const credential = /^cre-(.+)$/.exec(rival.name)?.[1];
  const who = reconciler === undefined ? `the field manager ${rival.name}` : `${reconciler} (${rival.name})`;
  return new EffectError(
    "refused",
    "kubernetes-field-owner",
    `${label}: ${who} writes ${fieldsOf(place, rival)} and would put the old value back`,
    {
      evidence: evidenceOf(rival),
      fix:
        credential === undefined
          ? `take the key from what ${rival.name} applies, or deliver into another Secret; once nothing applies it any more, hand it over: ${handOver(place)}`
          : `the credential ${credential} delivers into the same key: let only one of them`,
      retryable: false,
    },
  );
}

function changedByHand(label: string, place: Place, rival: FieldManager): EffectError {
  return new EffectError(
    "refused",
    "kubernetes-changed-by-hand",
    `${label}: somebody has changed ${fieldsOf(place, rival)} since this credential was delivered`,
    {
      evidence: evidenceOf(rival),
      fix: `find out why; then hand it over again: ${handOver(place)}`,
      retryable: false,
    },
  );
}

/** Clears the field ownership; the API then knows nobody whom a takeover would wrong. */
function handOver({ namespace, name }: Place): string {
  return `kubectl patch secret ${name} -n ${namespace} --type=merge -p '{"metadata":{"managedFields":[{}]}}'`;
}

function fieldsOf({ values, attemptMark }: Place, rival: FieldManager): string {
  const keys = Object.keys(values).filter((key) => rival.keys.has(key));
  return keys.length === 0 ? `the annotation ${attemptMark}` : keys.join(", ");
}

function evidenceOf({ name, operation, time }: FieldManager): string {
  return `managedFields: manager ${name}, operation ${operation}${time === undefined ? "" : `, last at ${time}`}`;
}
