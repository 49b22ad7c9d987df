import { EffectError } from "../../../core/model/errors.ts";
import { fieldOf, numberOf, textOf, Unreadable } from "./answers.ts";
import type { Asked, GithubApi } from "./api.ts";

/** Bytes of a file that are read: far more than any document may have. */
const LARGEST_FILE = 16 * 1024 * 1024;

export interface FileAt {
  readonly blob: string;
  readonly text: string;
}

/**
 * A file at a commit or a branch; undefined: there is none, or it is a folder. GitHub hides what a token may not see, so
 * that a missing file counts only where its commit is shown.
 */
export async function fileAt(
  api: GithubApi,
  revision: string,
  path: string,
  signal: AbortSignal,
): Promise<FileAt | undefined> {
  const asked: Asked = {
    method: "GET",
    path: "/contents/{path}",
    action: `read ${path}`,
    permission: "Contents: read",
    fields: { path, ref: revision },
  };
  const found = await api.askMaybe(asked, signal, ({ data }) => contentOf(data));
  if (found === undefined) {
    const commit: Asked = {
      method: "GET",
      path: "/commits/{ref}",
      action: `look at ${revision}`,
      permission: "Contents: read",
      fields: { ref: revision, per_page: 1 },
    };
    await api.ask(commit, signal, ({ data }) => textOf(data, "sha"));
    return undefined;
  }
  if (found === "no-file") return undefined;
  if (found.size > LARGEST_FILE) {
    throw new EffectError("refused", "too-large", `${api.label}: ${path} is too large to be read`, {
      evidence: `${found.size} bytes`,
      retryable: false,
    });
  }
  const { blob, size } = found;
  const text = found.text ?? (size === 0 ? "" : await blobText(api, blob, path, signal));
  return { blob, text };
}

function contentOf(
  data: unknown,
): "no-file" | { readonly blob: string; readonly size: number; readonly text: string | undefined } {
  // A folder is a list; a link to elsewhere and another repository have types of their own.
  if (Array.isArray(data)) return "no-file";
  if (textOf(data, "type") !== "file") return "no-file";
  const isShown = fieldOf(data, "encoding") === "base64";
  const text = isShown ? decoded(textOf(data, "content")) : undefined;
  return { blob: textOf(data, "sha"), size: numberOf(data, "size"), text };
}

/** What is larger than a megabyte is shown by its blob only. */
async function blobText(api: GithubApi, blob: string, path: string, signal: AbortSignal): Promise<string> {
  const asked: Asked = {
    method: "GET",
    path: "/git/blobs/{file_sha}",
    action: `read ${path}`,
    permission: "Contents: read",
    fields: { file_sha: blob },
  };
  return api.ask(asked, signal, ({ data }) => {
    if (fieldOf(data, "encoding") !== "base64") throw new Unreadable("encoding");
    return decoded(textOf(data, "content"));
  });
}

function decoded(content: string): string {
  return Buffer.from(content, "base64").toString("utf8");
}
