import { CreError } from "../../core/model/errors.ts";
import { type Instant, parseInstant } from "../../core/model/instant.ts";
import { applyEdits, type FieldEdit } from "./edit-fields.ts";
import { findCredential } from "./find-document.ts";
import { openWorkTree } from "./work-tree.ts";
import { shortInstant, type WriteContext, type Written } from "./written.ts";

export interface RotatedOptions {
  readonly name: string;
  /** When it happened, as the person wrote it; default: now. */
  readonly at?: string;
  /** The provider's own end of the new version. */
  readonly expiresAt?: string;
  /** Public handle of the new version. */
  readonly handle?: string;
}

/** `cre rotated`: a person says that a credential was rotated. Throws a CreError and writes nothing if that cannot be. */
export function recordRotated({ repo, clock }: WriteContext, options: RotatedOptions): Written {
  const tree = openWorkTree(repo);
  const found = findCredential(tree, options.name);
  const spec = found.document?.spec;
  const at = instantOption("--at", options.at) ?? clock;
  if (at > clock) {
    throw new CreError("rotated-in-future", `--at ${options.at} is in the future.`, {
      evidence: `this machine's clock says ${clock}`,
      fix: "Say it when it has happened.",
    });
  }
  const before = parseInstant(spec?.rotatedAt ?? "");
  if (before !== undefined && at < before) {
    throw new CreError("rotated-backwards", `\`${options.name}\` was rotated later than that already.`, {
      evidence: `rotatedAt is ${spec?.rotatedAt}`,
      fix: `If that is wrong, correct it: cre edit ${options.name} --set rotatedAt=${options.at ?? at}.`,
    });
  }
  const edits: FieldEdit[] = [{ path: ["spec", "rotatedAt"], value: options.at ?? at }];
  const notes: string[] = [];
  if (options.expiresAt !== undefined) {
    instantOption("--expires-at", options.expiresAt);
    edits.push({ path: ["spec", "expiresAt"], value: options.expiresAt });
  } else if (spec?.expiresAt !== undefined) {
    notes.push(`expiresAt is still ${spec.expiresAt}: give --expires-at if the new version ends later`);
  }
  if (options.handle !== undefined) {
    edits.push({ path: ["spec", "handle"], value: options.handle });
  } else if (spec?.handle !== undefined) {
    notes.push("the handle is still that of before: give --handle if the new version has another");
  }
  if (spec?.method === "automated") {
    notes.push(
      "it is automated: once a run has observed it, dates come from the provider and this one is not used",
    );
  }
  const compromisedAt = parseInstant(spec?.compromised?.at ?? "");
  if (compromisedAt !== undefined && at <= compromisedAt) {
    notes.push(`it stays compromised: that is not after ${compromisedAt}; give --at with the time of day`);
  }
  return applyEdits(tree, found, edits, notes);
}

/** `cre retire`: from then on the credential is no longer needed. A future instant is fine. */
export function recordRetired(
  { repo, clock }: WriteContext,
  options: { readonly name: string; readonly at?: string },
): Written {
  const tree = openWorkTree(repo);
  const found = findCredential(tree, options.name);
  const spec = found.document?.spec;
  if (spec?.retiredAt !== undefined) {
    throw new CreError(
      "already-retired",
      `\`${options.name}\` is retired from ${spec.retiredAt} on already.`,
      {
        fix: `If that is wrong, correct it: cre edit ${options.name} --set retiredAt=INSTANT.`,
      },
    );
  }
  instantOption("--at", options.at);
  const value = options.at ?? shortInstant(clock);
  const end =
    spec?.method === "automated"
      ? "the scheduled run deactivates it, waits, and revokes it by the usual evidence"
      : "end it at the provider by hand: nothing here does";
  return applyEdits(tree, found, [{ path: ["spec", "retiredAt"], value }], [end]);
}

/** Checks an instant that a person gave with an option. Throws a CreError. */
export function instantOption(option: string, text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  throw new CreError("usage", `${option} cannot be \`${text}\`.`, {
    fix: "Write a date such as 2026-12-01, or an instant such as 2026-12-01T08:00:00Z.",
  });
}
