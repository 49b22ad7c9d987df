import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import type { AddressScan } from "../../../core/certificates/endpoint.ts";

/** More than any chain; a file of this host could be anything. */
const LARGEST = 4 * 1024 * 1024;

/** Files with certificates: of the repository, or of this host where that is allowed. */
export class CertificateFiles {
  readonly #folders: readonly string[];
  readonly #readRepository: (path: string) => Promise<Uint8Array | undefined>;

  /** `folders`: absolute ones of this host, below which files may be read. */
  constructor(folders: readonly string[], readRepository: (path: string) => Promise<Uint8Array | undefined>) {
    this.#folders = folders;
    this.#readRepository = readRepository;
  }

  /** The text of a file, or why there is none; never rejects. */
  async read(path: string): Promise<{ readonly text: string } | Extract<AddressScan, { failure: unknown }>> {
    try {
      if (!path.startsWith("/")) {
        const bytes = await this.#readRepository(path);
        if (bytes === undefined) return failure("missing", "it is not in the repository");
        return bytes.length > LARGEST ? tooLarge() : { text: new TextDecoder("latin1").decode(bytes) };
      }
      return await this.#readHost(path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT" || code === "ENOTDIR") {
        return failure("missing", "it does not exist on this host");
      }
      if (code === "EACCES" || code === "EPERM") {
        return failure("forbidden", "this host does not let us read it");
      }
      return failure("unreadable", "it cannot be read");
    }
  }

  /** Whatever its links say: what is read lies below an allowed folder. */
  async #readHost(
    path: string,
  ): Promise<{ readonly text: string } | Extract<AddressScan, { failure: unknown }>> {
    const real = await realpath(path);
    const folders = await Promise.all(
      this.#folders.map(async (folder) => realpath(folder).catch(() => undefined)),
    );
    const isAllowed = folders.some((folder) => folder !== undefined && real.startsWith(`${folder}/`));
    if (!isAllowed) return failure("not-allowed", "it lies below none of `paths` of the settings");
    // A pipe must not keep the run waiting for a writer.
    const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return failure("unreadable", "it is no file");
      if (stat.size > LARGEST) return tooLarge();
      return { text: await file.readFile("latin1") };
    } finally {
      await file.close();
    }
  }
}

function tooLarge(): Extract<AddressScan, { failure: unknown }> {
  return failure("too-large", "it is larger than 4 MiB");
}

function failure(code: string, message: string): Extract<AddressScan, { failure: unknown }> {
  return { address: "", failure: { code, message } };
}
