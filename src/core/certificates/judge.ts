import type { CertificateFacts } from "./certificate.ts";
import type { AddressScan } from "./endpoint.ts";
import type { PathFacts, Revoked } from "./path-facts.ts";
import { isNamed } from "./server-name.ts";

export const CHAIN_PROBLEMS = [
  "name-mismatch",
  "self-signed",
  "untrusted",
  "revoked",
  "incomplete",
  "misordered",
  "extra",
  "weak-key",
  "weak-signature",
] as const;

/** What is wrong with a served chain, whatever the time is. Its words are facts for a finding; all of it is public. */
export interface ChainProblem {
  readonly code: (typeof CHAIN_PROBLEMS)[number];
  /** The certificate's subject, or who is missing; for a name, what the certificate is for. */
  readonly about: string;
  readonly detail?: string;
}

export type SeenChain = Extract<AddressScan, { chain: unknown }>;

const SMALLEST_RSA = 2048;
const SMALLEST_CURVE = 256;
const MOST_NAMES = 5;

/** Judges one chain; `name`: what clients ask for, undefined for a chain in a file. In the order of CHAIN_PROBLEMS. */
export function judgeChain(
  { chain, path, revoked }: SeenChain,
  name: string | undefined,
): readonly ChainProblem[] {
  const found = [
    ...nameProblems(chain[0], name),
    ...(path === undefined ? [] : pathProblems(chain, path)),
    ...revocations(chain, revoked),
    ...(path === undefined ? [] : orderProblems(chain, path)),
    ...chain.flatMap((certificate, at) => strength(certificate, isAnchor(certificate, at, path))),
  ];
  return inOrder(found);
}

/** In the order of CHAIN_PROBLEMS. */
export function inOrder<P extends Pick<ChainProblem, "code">>(problems: readonly P[]): P[] {
  return problems.toSorted((a, b) => CHAIN_PROBLEMS.indexOf(a.code) - CHAIN_PROBLEMS.indexOf(b.code));
}

function nameProblems(leaf: CertificateFacts | undefined, name: string | undefined): readonly ChainProblem[] {
  if (leaf === undefined || name === undefined || isNamed(leaf.names, name)) return [];
  const more = leaf.names.length - MOST_NAMES;
  const names = leaf.names.slice(0, MOST_NAMES).join(", ");
  const about = leaf.names.length === 0 ? "no name at all" : more > 0 ? `${names} and ${more} more` : names;
  return [{ code: "name-mismatch", about, detail: name }];
}

function pathProblems(chain: readonly CertificateFacts[], path: PathFacts): readonly ChainProblem[] {
  const top = chain[path.positions.at(-1) ?? 0];
  if (top === undefined) return [];
  switch (path.end) {
    case "trusted":
      return [];
    case "self-signed":
      return [{ code: path.positions.length === 1 ? "self-signed" : "untrusted", about: titleOf(top) }];
    case "completed":
      return [{ code: "incomplete", about: (path.missing ?? []).join("; "), detail: "found elsewhere" }];
    default:
      return [{ code: "incomplete", about: top.issuer, detail: "not found" }];
  }
}

/** TLS 1.2 wants each certificate right after the one it signed; a root at the end is nobody's harm. */
function orderProblems(chain: readonly CertificateFacts[], path: PathFacts): readonly ChainProblem[] {
  const { positions, beside = [] } = path;
  const sorted = positions.every((position, at) => at === 0 || position > (positions[at - 1] ?? 0));
  const extra = chain.flatMap((certificate, at) =>
    positions.includes(at) || beside.includes(at) ? [] : [titleOf(certificate)],
  );
  return [
    ...(sorted ? [] : [{ code: "misordered", about: positions.map((at) => at + 1).join(", ") } as const]),
    ...[...new Set(extra)].map((about) => ({ code: "extra", about }) as const),
  ];
}

function revocations(
  chain: readonly CertificateFacts[],
  revoked: readonly Revoked[] | undefined,
): readonly ChainProblem[] {
  return (revoked ?? []).map(({ position, at, reason, by }) => ({
    code: "revoked",
    about: titleOf(chain[position]),
    detail: `at ${at}${reason === undefined ? "" : ` for ${reason}`}, says its ${by}`,
  }));
}

/** Nobody verifies the signature of a root, only that it is the one that is trusted. */
function isAnchor({ subject, issuer, isAuthority }: CertificateFacts, at: number, path?: PathFacts): boolean {
  return subject === issuer && isAuthority && (at > 0 || path?.end === "trusted");
}

function strength(certificate: CertificateFacts, isAnchored: boolean): readonly ChainProblem[] {
  const { keyType, keyBits = 0, signature } = certificate;
  const about = titleOf(certificate);
  const smallest = keyType === "rsa" ? SMALLEST_RSA : keyType === "ec" ? SMALLEST_CURVE : 0;
  const isWeakKey = keyType === "dsa" || keyBits < smallest;
  const isWeakSignature = !isAnchored && /\b(MD[245]|SHA-?1)\b/i.test(signature);
  return [
    ...(isWeakKey ? [{ code: "weak-key", about, detail: keyText(certificate) } as const] : []),
    ...(isWeakSignature ? [{ code: "weak-signature", about, detail: signature } as const] : []),
  ];
}

/** What a certificate is called: authorities leave the subject empty where the names say all. */
export function titleOf(
  certificate: Pick<CertificateFacts, "subject" | "names" | "serial"> | undefined,
): string {
  if (certificate === undefined) return "";
  return certificate.subject || certificate.names[0] || `serial ${certificate.serial}`;
}

/** `RSA 2048`, `EC 256`, `ED25519`. */
export function keyText({ keyType, keyBits }: CertificateFacts): string {
  return `${keyType.toUpperCase()}${keyBits === undefined ? "" : ` ${keyBits}`}`;
}
