import { constants, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { SecretRef } from "../../core/documents/common.ts";
import { CreError } from "../../core/model/errors.ts";
import { Secret } from "../../core/model/secret.ts";
import type { LocalSecretSource } from "../../core/ports/runtime.ts";

const LARGEST = 64 * 1024;

export interface SecretSourceOptions {
  /** The runner's variables, read at each call. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told what is doubtful but works, such as a file that everybody on the host can read. */
  readonly warn?: (message: string) => void;
}

/**
 * Reads the runner's own secrets. A variable is taken byte for byte; a file loses one newline at its end, because
 * editors and `echo` add one. Empty secrets are refused: an empty HMAC key or password would "work" for everybody.
 * A file must be a regular UTF-8 file (links are followed: container platforms mount secrets as links) that others
 * cannot write. Errors and warnings name the variable or file, never the value.
 */
export function createSecretSource(options: SecretSourceOptions): LocalSecretSource {
  return {
    read: async (reference) =>
      "env" in reference
        ? readVariable(reference.env, options)
        : await readSecretFile(reference.file, options),
    present: (reference) => isPresent(reference, options),
  };
}

function isPresent(reference: SecretRef, { env }: SecretSourceOptions): boolean {
  if ("env" in reference) return (env[reference.env] ?? "") !== "";
  return statSync(reference.file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function readVariable(name: string, { env, warn }: SecretSourceOptions): Secret {
  const value = env[name];
  if (value === undefined) {
    throw new CreError("secret-missing", `the variable ${name} is not set`, {
      fix: `give the runner a secret with the name ${name}`,
    });
  }
  if (value === "") {
    throw new CreError("secret-empty", `the variable ${name} is empty`, {
      fix: `check that the runner has a secret with the name ${name}: CI systems pass an empty text for an unknown one`,
    });
  }
  // A key file ends so.
  if (/[\r\n]$/.test(value) && !value.startsWith("-----BEGIN ")) {
    warn?.(`the variable ${name} ends with a newline, which is used as part of the secret`);
  }
  return new Secret(value);
}

async function readSecretFile(path: string, options: SecretSourceOptions): Promise<Secret> {
  if (!isAbsolute(path)) {
    throw new CreError("secret-path-relative", `the secret file ${path} is not an absolute path`, {
      fix: "write the absolute path of a file on the runner's host; secrets never stand in the repository",
    });
  }
  const text = decoded(path, await readBytes(path, options)).replace(/\r?\n$/, "");
  if (text === "") throw new CreError("secret-empty", `the secret file ${path} is empty`);
  return new Secret(text);
}

async function readBytes(path: string, { warn }: SecretSourceOptions): Promise<Uint8Array> {
  // Non-blocking, so that a named pipe put in the place of the file is refused and not waited for.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw new CreError("secret-missing", `the secret file ${path} cannot be opened`, {
        evidence: error.code ?? "unknown error",
        fix: "check that the file exists and that the runner's user may read it",
      });
    },
  );
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new CreError("secret-not-a-file", `${path} is not a regular file`);
    if (facts.size > LARGEST) {
      throw new CreError("secret-too-large", `the secret file ${path} is larger than 64 KiB`);
    }
    if ((facts.mode & 0o002) !== 0) {
      throw new CreError("secret-file-writable", `everybody on this host can write the secret file ${path}`, {
        fix: `chmod 600 ${path}`,
      });
    }
    if ((facts.mode & 0o004) !== 0) {
      warn?.(`everybody on this host can read the secret file ${path}: chmod 600 ${path}`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function decoded(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CreError("secret-not-text", `the secret file ${path} is not UTF-8 text`);
  }
}
