import { type Der, membersOf, readDer, TAG } from "./der.ts";

/** By the hex of the encoded OID, in the words of WebCrypto where it has any. */
const NAMES: Readonly<Record<string, string>> = {
  "2a864886f70d010102": "RSASSA-PKCS1-v1_5 with MD2",
  "2a864886f70d010103": "RSASSA-PKCS1-v1_5 with MD4",
  "2a864886f70d010104": "RSASSA-PKCS1-v1_5 with MD5",
  "2a864886f70d010105": "RSASSA-PKCS1-v1_5 with SHA-1",
  "2b0e03021d": "RSASSA-PKCS1-v1_5 with SHA-1",
  "2a864886f70d01010e": "RSASSA-PKCS1-v1_5 with SHA-224",
  "2a864886f70d01010b": "RSASSA-PKCS1-v1_5 with SHA-256",
  "2a864886f70d01010c": "RSASSA-PKCS1-v1_5 with SHA-384",
  "2a864886f70d01010d": "RSASSA-PKCS1-v1_5 with SHA-512",
  "2a8648ce3d0401": "ECDSA with SHA-1",
  "2a8648ce3d040301": "ECDSA with SHA-224",
  "2a8648ce3d040302": "ECDSA with SHA-256",
  "2a8648ce3d040303": "ECDSA with SHA-384",
  "2a8648ce3d040304": "ECDSA with SHA-512",
  "2a8648ce380403": "DSA with SHA-1",
  "608648016503040301": "DSA with SHA-224",
  "608648016503040302": "DSA with SHA-256",
  "2b6570": "Ed25519",
  "2b6571": "Ed448",
  "608648016503040311": "ML-DSA-44",
  "608648016503040312": "ML-DSA-65",
  "608648016503040313": "ML-DSA-87",
};
const PSS = "2a864886f70d01010a";
const DIGESTS: Readonly<Record<string, string>> = {
  "2b0e03021a": "SHA-1",
  "608648016503040201": "SHA-256",
  "608648016503040202": "SHA-384",
  "608648016503040203": "SHA-512",
};

/** What people call a signature algorithm (an AlgorithmIdentifier); the hex of an OID that nobody calls anything. */
export function signatureName(algorithm: Der): string {
  const [id, parameters] = membersOf(algorithm);
  const hex = id?.content.toString("hex") ?? "";
  return hex === PSS ? `RSA-PSS with ${pssDigest(parameters)}` : (NAMES[hex] ?? `OID ${hex}`);
}

/** SHA-1 where nothing is said (RFC 4055). */
function pssDigest(parameters: Der | undefined): string {
  if (parameters?.tag !== TAG.sequence) return "SHA-1";
  const digest = membersOf(parameters).find(({ tag }) => tag === 0xa0);
  if (digest === undefined) return "SHA-1";
  const hex = membersOf(readDer(digest.content))[0]?.content.toString("hex") ?? "";
  return DIGESTS[hex] ?? `OID ${hex}`;
}
