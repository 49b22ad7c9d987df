import type { Sourced } from "../../documents/kinds.ts";
import type { Sha256 } from "../../ports/runtime.ts";
import type { Finding, FindingCode, Level } from "../finding.ts";
import { compareKeys } from "../order.ts";

export type Facts = Readonly<Record<string, string | number>>;

export interface FindingDraft {
  readonly code: FindingCode;
  readonly level: Level;
  readonly credential?: string;
  readonly policy?: string;
  readonly discriminator?: string;
  readonly facts?: Facts;
  readonly source?: Pick<Sourced, "file" | "line">;
  readonly waivedBy?: string | undefined;
}

/** A finding with its fingerprint, which depends on what it is about and on nothing that changes from run to run. */
export function makeFinding(draft: FindingDraft, sha256: Sha256): Finding {
  const { code, level, credential, policy, discriminator = "", facts = {}, source, waivedBy } = draft;
  const about = [code, credential ?? "", policy ?? "", discriminator].join("\0");
  return {
    code,
    level,
    credential: credential ?? null,
    policy: policy ?? null,
    discriminator,
    facts,
    file: source?.file ?? null,
    line: source?.line ?? null,
    waivedBy: waivedBy ?? null,
    fingerprint: sha256(about).slice(0, 16),
  };
}

/** By credential (those of the repository first), code, policy, discriminator; by code point. */
export function compareFindings(a: Finding, b: Finding): number {
  return compareKeys(
    [a.credential ?? "", a.code, a.policy ?? "", a.discriminator],
    [b.credential ?? "", b.code, b.policy ?? "", b.discriminator],
  );
}
