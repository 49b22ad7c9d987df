import { type Static, Type } from "typebox";
import { LEVELS } from "../evaluate/finding.ts";
import { record, word } from "./common.ts";

/** What showed which version was in use before a person was asked to rotate. */
const Before = record({
  /** `served`: hashes of the keys that its places served. `handle`: that of the document. */
  by: word(["served", "handle"]),
  seen: Type.Array(Type.String()),
});
export type Before = Static<typeof Before>;

const IssueEntry = record({
  number: Type.Integer({ minimum: 1 }),
  /** Of what it was last made to say: it is written again only when that is another. */
  hash: Type.String(),
  /** Of the finding. */
  code: Type.Optional(Type.String()),
  credential: Type.Optional(Type.String()),
  /** Login that was last assigned by us. */
  assignee: Type.Optional(Type.String()),
  /** The runner closed it although its finding goes on: the owner's digest tells it. */
  inDigest: Type.Optional(Type.Literal(true)),
  /** How often people closed it as not planned although its finding goes on; at two it stays closed. */
  refusals: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Level of the finding when people had closed it for good. */
  refusedAt: Type.Optional(word(LEVELS)),
  /** People ticked all of its list, and were told what is missing. */
  toldTicked: Type.Optional(Type.Literal(true)),
  /** How often it was opened anew because the forge listed it no more; not more than twice. */
  madeAgain: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 })),
  /** Of a rotation by hand: what must be another before the issue is closed. */
  before: Type.Optional(Before),
  /** Its finding is gone but the old version is still seen. 1: people were told; 2: it was opened again once. */
  unproven: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 })),
});
export type IssueEntry = Static<typeof IssueEntry>;

const ProposalEntry = record({
  branch: Type.String(),
  number: Type.Integer({ minimum: 1 }),
  url: Type.String(),
  state: word(["open", "merged", "closed"]),
});
export type ProposalEntry = Static<typeof ProposalEntry>;

/** `registry/status/_issues.json`: which issues of the forge are ours, as far as something is to be told. */
export const IssueBook = record({
  schemaVersion: Type.Literal(1),
  /** By what the issue is about: `finding FINGERPRINT`, `digest OWNER`, `dashboard`. */
  issues: Type.Optional(Type.Record(Type.String(), IssueEntry)),
  /** The newest proposal to write down a rotation, by credential. */
  proposals: Type.Optional(Type.Record(Type.String(), ProposalEntry)),
  /** The chain's head as the dashboard shows it: that of the day's first run. */
  health: Type.Optional(record({ day: Type.String(), seq: Type.Integer({ minimum: 0 }) })),
  /** Runs in a row in which the forge could not be told everything; not counted beyond three. */
  failedRuns: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
});
export type IssueBook = Static<typeof IssueBook>;
