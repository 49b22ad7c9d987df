import type { Credential, CredentialSpec } from "../documents/credential.ts";
import type { Documents, Sourced } from "../documents/kinds.ts";
import type { PolicySpec } from "../documents/policy.ts";
import type { EvaluatedCredential } from "../evaluate/evaluation.ts";
import { compareText } from "../evaluate/order.ts";
import { type Difference, differences, differenceText, isSame } from "./differences.ts";

/** A change of documents that can be why a credential fares differently now. */
export interface Cause {
  /** Whose field it is. */
  readonly kind: "Credential" | "Policy" | "Exception";
  readonly name: string;
  readonly difference: Difference;
}

/** One credential with what both worlds make of it. */
export interface Fate {
  readonly name: string;
  readonly before: EvaluatedCredential | undefined;
  readonly after: EvaluatedCredential | undefined;
}

/** Documents before and after the change. */
export interface BothDocuments {
  readonly before: Documents;
  readonly after: Documents;
}

/** Fields by which policies and exceptions choose credentials. */
const CHOSEN_BY: readonly (keyof CredentialSpec)[] = ["type", "service"];
/** Fields that dates are counted from. */
const COUNTED_FROM: readonly (keyof CredentialSpec)[] = [
  "method",
  "createdAt",
  "rotatedAt",
  "expiresAt",
  "endpoints",
  "certificateFiles",
];
/** Fields of a policy that its due dates come from. */
const DATING: readonly (keyof PolicySpec)[] = ["match", "rotateWithin", "renew"];

/** Changes that can be why its due date moved: only what the date came from, or comes from now. */
export function dueDateCauses(fate: Fate, documents: BothDocuments): readonly Cause[] {
  const { before, after } = fate;
  if (before === undefined || after === undefined) return [];
  const [old, now] = [before.source, after.source];
  const countsOtherwise = before.last !== after.last || before.endsAt !== after.endsAt;
  const chosenOtherwise = !isSame(policiesOf(before), policiesOf(after));
  return [
    ...(before.state === "retired" || after.state === "retired" ? fields(old, now, ["retiredAt"]) : []),
    ...(countsOtherwise ? fields(old, now, COUNTED_FROM) : []),
    ...(chosenOtherwise ? [...labels(old, now), ...fields(old, now, CHOSEN_BY)] : []),
    ...policyCauses([before.policy, after.policy], DATING, documents),
  ];
}

/** Changes that can be why it counts differently. */
export function standingCauses(fate: Fate, documents: BothDocuments): readonly Cause[] {
  const { before, after } = fate;
  if (before === undefined || after === undefined) return [];
  return [
    ...dueDateCauses(fate, documents),
    ...fields(before.source, after.source, ["compromised"]),
    ...exceptionCauses(before, after),
    ...policyCauses([before.policy, after.policy], ["exceptions"], documents),
  ];
}

/** For people: the field and its values, and whose it is where that is not the credential itself. */
export function causeText({ kind, name, difference }: Cause): string {
  const whose = kind === "Credential" ? "" : ` of the ${kind.toLowerCase()} ${name}`;
  const { path } = difference;
  if (path === "") {
    const what = `the ${kind.toLowerCase()} ${name}`;
    return difference.before === undefined ? `new: ${what}` : `gone: ${what}`;
  }
  const values = differenceText([{ ...difference, path: "" }]).replace(/^: /, "");
  return `${path}${whose}: ${values}`;
}

function policiesOf({ obligations }: EvaluatedCredential): readonly string[] {
  return obligations.map(({ policy }) => policy);
}

function fields(
  old: Sourced<Credential>,
  now: Sourced<Credential>,
  names: readonly (keyof CredentialSpec)[],
): readonly Cause[] {
  return names.flatMap((name) => ofCredential(now, old.document.spec[name], now.document.spec[name], name));
}

function labels(old: Sourced<Credential>, now: Sourced<Credential>): readonly Cause[] {
  return ofCredential(now, old.document.metadata.labels ?? {}, now.document.metadata.labels ?? {}, "labels");
}

function ofCredential(
  { document }: Sourced<Credential>,
  before: unknown,
  after: unknown,
  path: string,
): readonly Cause[] {
  const { name } = document.metadata;
  return differences(before, after, path).map((difference) => ({ kind: "Credential", name, difference }));
}

function policyCauses(
  names: readonly (string | undefined)[],
  about: readonly (keyof PolicySpec)[],
  { before, after }: BothDocuments,
): readonly Cause[] {
  const known = [...new Set(names.filter((name) => name !== undefined))].toSorted(compareText);
  return known.flatMap((name) => {
    const [old, now] = [before.policies.get(name), after.policies.get(name)].map(
      (source) => source?.document.spec,
    );
    const found =
      old === undefined || now === undefined
        ? differences(old && "there", now && "there")
        : about.flatMap((field) => differences(old[field], now[field], field));
    return found.map((difference): Cause => ({ kind: "Policy", name, difference }));
  });
}

function exceptionCauses(before: EvaluatedCredential, after: EvaluatedCredential): readonly Cause[] {
  const old = new Map(before.exceptions.map(({ name, source }) => [name, source.document.spec]));
  const now = new Map(after.exceptions.map(({ name, source }) => [name, source.document.spec]));
  const names = [...new Set([...old.keys(), ...now.keys()])].toSorted(compareText);
  return names.flatMap((name) => {
    const [was, is] = [old.get(name), now.get(name)];
    const found =
      was === undefined || is === undefined
        ? differences(was && "there", is && "there")
        : differences(was, is).filter(({ path }) => !/^(justification|compensatingControls)$/.test(path));
    return found.map((difference): Cause => ({ kind: "Exception", name, difference }));
  });
}
