import { type Static, Type } from "typebox";
import { InstantText, nullable, shape, word } from "../evaluate/schema-shapes.ts";
import type { Instant } from "../model/instant.ts";
import type { AccessSpan } from "./access-log.ts";

const Text = Type.String();

/** One stretch of access, with who brought it and what follows for a leaver. */
export const AccessRow = shape({
  credential: Text,
  service: Text,
  team: Text,
  principal: Text,
  kind: Text,
  purpose: nullable(Text),
  from: InstantText,
  /** First moment without it; null: no end is known. */
  to: nullable(InstantText),
  commit: Text,
  author: nullable(Text),
  /** Number of the pull request, as the commit's own message has it. */
  pullRequest: nullable(Text),
  /** Whom the trail names as approvers of what the commit made of the credential. */
  approvers: Type.Array(Text),
  endedBy: nullable(Text),
  lastRotatedAt: nullable(InstantText),
  /**
   * Whether somebody who had this access knows the present secret: `no` where it was rotated after the access ended,
   * `gone` where the credential is retired or not registered any more.
   */
  stillKnown: word(["yes", "no", "gone"]),
});
export type AccessRow = Static<typeof AccessRow>;

/** `access --format json`. */
export const AccessReport = shape({
  apiVersion: Type.Literal("cre/v1"),
  kind: Type.Literal("Access"),
  asOf: InstantText,
  commit: nullable(Text),
  /** As it was asked for; null: whoever has access now, or what one principal ever had. */
  period: nullable(shape({ words: Text, from: InstantText, to: InstantText })),
  rows: Type.Array(AccessRow),
});
export type AccessReport = Static<typeof AccessReport>;

/** What is known of credentials and commits beside the spans themselves. */
export interface AccessContext {
  /** Of a registered credential that is in use. */
  readonly lastRotatedAt: (credential: string) => Instant | undefined;
  readonly commit: (id: string) => { readonly author: string; readonly subject: string } | undefined;
  readonly approvers: (credential: string, commit: string) => readonly string[];
}

/** Spans as people and programs read them. */
export function accessRows(spans: readonly AccessSpan[], context: AccessContext): AccessRow[] {
  return spans.map((span) => {
    const { credential, service, team, principal, kind, purpose, from, to, by, endedBy } = span;
    const commit = context.commit(by);
    const lastRotatedAt = context.lastRotatedAt(credential);
    return {
      credential,
      service,
      team,
      principal,
      kind,
      purpose: purpose ?? null,
      from,
      to: to ?? null,
      commit: by,
      author: commit?.author ?? null,
      pullRequest: pullRequestIn(commit?.subject ?? ""),
      approvers: [...context.approvers(credential, by)],
      endedBy: endedBy ?? null,
      lastRotatedAt: lastRotatedAt ?? null,
      stillKnown:
        lastRotatedAt === undefined ? "gone" : to !== undefined && to <= lastRotatedAt ? "no" : "yes",
    };
  });
}

/** As GitHub writes it into the message of a merge, or of a squashed or rebased change. */
function pullRequestIn(subject: string): string | null {
  return /^Merge pull request #(\d+) /.exec(subject)?.[1] ?? /\(#(\d+)\)$/.exec(subject)?.[1] ?? null;
}
