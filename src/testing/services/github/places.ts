/** A repository, an environment or an organisation, which have secrets and variables of their own. */
export interface Place {
  readonly secrets: Map<string, StoredSecret>;
  readonly variables: Map<string, StoredVariable>;
  keyId: string;
  publicKey: Uint8Array;
  privateKey: Uint8Array;
}

export interface StoredSecret {
  /** What a workflow would see. */
  readonly value: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly visibility?: "all" | "private" | "selected";
  readonly repositories?: readonly number[];
}

export interface StoredVariable {
  readonly value: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly visibility?: string;
}

/** libsodium, loaded; both sides of the tests use it as GitHub does. */
export type Sodium = Awaited<ReturnType<typeof loadSodium>>;

export async function loadSodium() {
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  return sodium;
}

export function newPlace(sodium: Sodium): Place {
  const { publicKey, privateKey } = sodium.crypto_box_keypair();
  return { secrets: new Map(), variables: new Map(), keyId: keyIdOf(sodium), publicKey, privateKey };
}

/** GitHub replaces the pair from time to time; what is sealed for the old one is refused then. */
export function newKey(sodium: Sodium, place: Place): void {
  Object.assign(place, sodium.crypto_box_keypair(), { keyId: keyIdOf(sodium) });
}

function keyIdOf(sodium: Sodium): string {
  return `568250167242${sodium.randombytes_uniform(1_000_000_000)}`;
}
