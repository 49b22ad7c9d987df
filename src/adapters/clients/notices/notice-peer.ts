import type { SecretRef } from "../../../core/documents/common.ts";
import { CreError } from "../../../core/model/errors.ts";
import { Secret } from "../../../core/model/secret.ts";
import type { ChannelPorts } from "../../../core/ports/channel.ts";
import { loopbackOrTls } from "../http/server-url.ts";

/** The shortest piece of an address that is looked for in what a service says: shorter ones are words. */
const SHORTEST_PIECE = 8;

/** Whom notices go to. Nothing of it is to be shown but `label`. */
export interface NoticePeer {
  /** Kind and host. */
  readonly label: string;
  readonly url: URL;
  /** PEM of the only authorities that its certificate may come from; undefined: those of the system. */
  readonly ca: string | undefined;
  /** What a service may not be quoted with. */
  readonly secrets: readonly Secret[];
}

/** A peer whose whole address is a secret of the runner. Rejects with a CreError that shows only the reference. */
export async function secretPeer(
  kind: string,
  name: string,
  reference: SecretRef,
  ports: Pick<ChannelPorts, "secrets">,
): Promise<NoticePeer> {
  const secret = await ports.secrets.read(reference);
  const url = loopbackOrTls(secret.reveal().trim());
  if (url === undefined) {
    const source = "env" in reference ? `the variable ${reference.env}` : `the file ${reference.file}`;
    throw new CreError("channel-url", `${source} holds no https address for the channel ${name}`, {
      fix: "give it the whole address of the webhook, as the service shows it",
    });
  }
  const pieces = [...url.pathname.split("/"), ...url.searchParams.values()];
  const secrets = pieces.filter((piece) => piece.length >= SHORTEST_PIECE).map((piece) => new Secret(piece));
  return { label: `${kind} (${url.host})`, url, ca: undefined, secrets: [secret, ...secrets] };
}

/** A peer whose address stands in the settings. */
export function openPeer(
  kind: string,
  name: string,
  address: string,
  secrets: readonly Secret[],
): NoticePeer {
  const url = loopbackOrTls(address);
  if (url === undefined) {
    throw new CreError("channel-url", `the channel ${name} has no https address`, {
      fix: "write https://host/path; http only reaches this machine itself",
    });
  }
  // A newline at the end of a variable is not sent, so that a service does not quote it either.
  const sent = secrets.map((secret) => new Secret(secret.reveal().trim()));
  return { label: `${kind} (${url.host})`, url, ca: undefined, secrets: [...secrets, ...sent] };
}

/** The text of a CA bundle of the repository; undefined: the settings name none. */
export async function caBundle(
  name: string,
  path: string | undefined,
  ports: Pick<ChannelPorts, "readFile">,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const bytes = await ports.readFile(path);
  if (bytes === undefined) {
    throw new CreError("file-missing", `the channel ${name} names ${path}, which is not in the repository`, {
      fix: "add the CA bundle (PEM), or remove `ca`",
    });
  }
  return new TextDecoder("latin1").decode(bytes);
}
