import type { KeyLine } from "../../../core/authorized-keys/key-line.ts";
import { type Registered, registeredCredentials } from "../../../core/discovery/registered.ts";
import { CreError } from "../../../core/model/errors.ts";
import type { DiscoveryPorts } from "../../../core/ports/discovery.ts";
import { readInventory } from "../../clients/ssh/inventory.ts";
import { placeOfHost } from "./hosts.ts";

/** A registered key of an account, and all places where it should be. */
interface Claim extends Pick<Registered, "name" | "identity"> {
  readonly user: string;
  readonly places: ReadonlySet<string>;
  /** The document's own; absent: the whole file is the credential's. */
  readonly handle: string | undefined;
  readonly formerNames: readonly string[];
}

/** Whose the keys are that hosts show, and which credentials were looked for everywhere. */
export class Claims {
  readonly #claims: readonly Claim[];
  /** Places of each claim at which its account was seen whole. */
  readonly #seen = new Map<Claim, Set<string>>();

  constructor(ports: DiscoveryPorts) {
    this.#claims = registeredCredentials(ports).flatMap((credential) => claimsOf(credential, ports));
  }

  /** The credential whose key this line of the account is: by its mark, its fingerprint, or the whole file. */
  identityOf(place: string, user: string, line: KeyLine, fingerprint: string): string | undefined {
    const here = this.#claims.filter((claim) => claim.user === user && claim.places.has(place));
    const marked = line.mark?.credential;
    const byMark = here.find(
      ({ name, formerNames }) => marked === name || formerNames.includes(marked ?? ""),
    );
    const byHandle = here.find(({ handle }) => handle === fingerprint);
    const isPlain = marked === undefined && !line.authority;
    const byFile = isPlain ? here.find(({ handle }) => handle === undefined) : undefined;
    return (byMark ?? byHandle ?? byFile)?.identity;
  }

  /** A look at a place begins: what an earlier one saw there counts no more. */
  begin(place: string): void {
    for (const seen of this.#seen.values()) seen.delete(place);
  }

  /** An account was seen whole at a place; `undefined`: all accounts of the place were. */
  sawAccount(place: string, user: string | undefined): void {
    for (const claim of this.#claims) {
      if (!claim.places.has(place) || (user !== undefined && user !== claim.user)) continue;
      const seen = this.#seen.get(claim) ?? new Set();
      this.#seen.set(claim, seen.add(place));
    }
  }

  /** Credentials with a place here that were looked for at all of their places, by this source, up to now. */
  coveredAt(place: string): readonly string[] {
    return this.#claims
      .filter((claim) => claim.places.has(place) && this.#seen.get(claim)?.size === claim.places.size)
      .map(({ identity }) => identity);
  }
}

function claimsOf({ name, identity, spec }: Registered, ports: DiscoveryPorts): readonly Claim[] {
  const provider = spec.provider?.["authorized-keys"];
  if (provider === undefined) return [];
  const { hosts = [], inventory, user } = provider;
  const connectionOf = (of: string) => ports.documents.connections.get(of)?.document.spec.ssh;
  const places =
    inventory === undefined
      ? hosts.map((host) => {
          const ssh = connectionOf(host);
          return ssh?.host === undefined ? undefined : placeOfHost(ssh.host, ssh.port);
        })
      : inventoryPlaces(inventory.file, connectionOf(inventory.connection)?.port, ports);
  const known = places.filter((place) => place !== undefined);
  // A place that nobody can name is one that nobody can have looked at.
  if (known.length === 0 || known.length < places.length) return [];
  const formerNames = ports.documents.credentials.get(name)?.document.metadata.formerNames ?? [];
  return [{ name, identity, user, places: new Set(known), handle: spec.handle, formerNames }];
}

/** A file that cannot be read names no hosts: the credential is looked for nowhere. */
function inventoryPlaces(file: string, port: number | undefined, ports: DiscoveryPorts): readonly string[] {
  try {
    return readInventory(ports.readFile(file), file).map((host) => placeOfHost(host.name, host.port ?? port));
  } catch (error) {
    if (error instanceof CreError) return [];
    throw error;
  }
}
