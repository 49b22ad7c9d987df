import { CreError } from "../../../core/model/errors.ts";
import { StrangeAnswer } from "./failure.ts";

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** What a CA says of itself (RFC 8555 7.1.1, RFC 9773, and the draft of profiles). */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert: string;
  readonly renewalInfo?: string;
  readonly meta: {
    readonly termsOfService?: string;
    readonly externalAccountRequired?: boolean;
    readonly caaIdentities?: readonly string[];
    readonly profiles?: Readonly<Record<string, string>>;
  };
}

/** Reads what a directory says; a StrangeAnswer where it is none. */
export function readDirectory(data: unknown): Directory {
  // `as`: each field is looked at below.
  const found = (typeof data === "object" && data !== null ? data : {}) as Record<string, unknown>;
  for (const name of ["newNonce", "newAccount", "newOrder", "revokeCert"]) {
    if (typeof found[name] !== "string") throw new StrangeAnswer(`its directory has no ${name}`);
  }
  const meta = typeof found["meta"] === "object" && found["meta"] !== null ? found["meta"] : {};
  // `as`: checked just before, as far as anything depends on it.
  return { ...found, meta } as unknown as Directory;
}

/** What a pattern takes for a host may be a login: looked at once more where it is used. */
export function addressOf(directory: string, name: string): URL {
  const url = URL.parse(directory);
  const isSafe = url !== null && (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url)));
  if (url !== null && isSafe && url.username === "" && url.password === "") return url;
  throw new CreError("acme-directory", `the directory of the connection ${name} is no plain https address`, {
    fix: "write it as the CA gives it, such as https://acme-v02.api.letsencrypt.org/directory",
  });
}

/** Whether a URL leads to this machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.test(hostname);
}
