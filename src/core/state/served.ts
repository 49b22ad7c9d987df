import { type Static, Type } from "typebox";
import { CHAIN_PROBLEMS } from "../certificates/judge.ts";
import { InstantText, record, word } from "./common.ts";

/** Public facts of a certificate that is served. */
export const ServedCertificate = record({
  /** Lower-case hex SHA-256 of the certificate, by which chains name it. */
  fingerprint: Type.String(),
  subject: Type.String(),
  issuer: Type.String(),
  /** The first hundred subject alternative names. */
  names: Type.Array(Type.String()),
  serial: Type.String(),
  notBefore: InstantText,
  notAfter: InstantText,
  /** Type and size, such as `RSA 2048`. */
  key: Type.String(),
  signature: Type.String(),
  /** Lower-case hex SHA-256 of the SubjectPublicKeyInfo. */
  spki: Type.String(),
});
export type ServedCertificate = Static<typeof ServedCertificate>;

const ServedChain = record({
  /** Only where the addresses of a place show different things. */
  addresses: Type.Optional(Type.Array(Type.String())),
  /** Fingerprints as served, the leaf first. */
  chain: Type.Array(Type.String(), { minItems: 1 }),
  problems: Type.Optional(
    Type.Array(
      record({ code: word(CHAIN_PROBLEMS), about: Type.String(), detail: Type.Optional(Type.String()) }),
    ),
  ),
});
export type ServedChain = Static<typeof ServedChain>;

const Unseen = record({
  /** Absent: the whole place. */
  addresses: Type.Optional(Type.Array(Type.String())),
  code: Type.String(),
  message: Type.String(),
  since: InstantText,
});
export type Unseen = Static<typeof Unseen>;

const ServedPlace = record({
  /** An endpoint, or the path of a file. */
  place: Type.String(),
  /** As last seen: where nobody could look since, this is from before. */
  chains: Type.Array(ServedChain),
  unseen: Type.Optional(Type.Array(Unseen)),
});
export type ServedPlace = Static<typeof ServedPlace>;

/** What the places of a certificate show. Written again only when it is something else. */
export const Served = record({
  /** When it was first seen to be so. */
  since: InstantText,
  /** Of all chains, each once, by fingerprint. */
  certificates: Type.Array(ServedCertificate),
  places: Type.Array(ServedPlace),
});
export type Served = Static<typeof Served>;
