import type { Rotation } from "../state/status.ts";

type Wait = NonNullable<Rotation["wait"]>;

const WAITS: Readonly<Record<Wait["why"], string>> = {
  confirm: "proof that the new version is in use",
  grace: "the grace period of the old version",
  quiet: "the old version to be silent long enough",
  soak: "the soak: the old version is deactivated and could come back",
  backoff: "the next try",
  window: "the policy's window to open",
  freeze: "the end of a freeze",
  hold: "the end of a hold",
  certificate: "the certificate that its CA makes for its signing request",
  evidence: "somebody who can see whether the old version is used",
};

/** What a rotation waits for, for people: the words that go on after "waits for". */
export function waitText({ why }: Pick<Wait, "why">): string {
  return WAITS[why];
}
