import { CreError, EffectError } from "../../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../../core/ports/rotator.ts";
import { openSsh, type SshSession } from "../../../clients/ssh/session.ts";
import type { ChallengeWay, Visibility } from "./way.ts";

const FOLDER = ".well-known/acme-challenge";

/** Files below a folder that a web server serves, put there over SSH. */
export function webrootWay(
  credential: string,
  { connection: name, path }: { readonly connection: string; readonly path: string },
  ports: RotatorPorts,
): ChallengeWay {
  const { ssh } = ports.connection(name);
  if (ssh === undefined) {
    throw new CreError(
      "connection-kind",
      `${credential} proves names over ${name}, which is no ssh connection`,
      {
        fix: "name a connection with an `ssh` block",
      },
    );
  }
  const folder = `${path.replace(/\/+$/, "")}/${FOLDER}`;
  const within = async <T>(signal: AbortSignal, act: (session: SshSession) => Promise<T>): Promise<T> => {
    const session = await openSsh({ name, connection: ssh }, ports, signal);
    try {
      return await act(session);
    } finally {
      session.close();
    }
  };
  return {
    type: "http-01",
    preflight: async (signal) =>
      within(signal, async ({ files }) => {
        const found = await files.look(folder, signal);
        if (found?.kind === "folder") return;
        throw new CreError("acme-webroot", `${credential}: ssh ${name} has no folder ${folder}`, {
          fix: `mkdir -p ${folder}, owned by the user that the connection signs in as`,
        });
      }),
    put: async (tasks, signal) =>
      within(signal, async ({ files }): Promise<Visibility> => {
        for (const { token, keyAuthorization } of tasks) {
          await files.replace(fileOf(folder, token), Buffer.from(keyAuthorization), { mode: 0o644 }, signal);
        }
        return "visible";
      }),
    drop: async (tasks, signal) =>
      within(signal, async ({ files }) => {
        for (const { token } of tasks) await files.remove(fileOf(folder, token), signal);
      }),
  };
}

/** A token is the CA's word, and becomes the name of a file: nothing but what RFC 8555 8.1 lets it be. */
function fileOf(folder: string, token: string): string {
  if (/^[A-Za-z0-9_-]{1,200}$/.test(token)) return `${folder}/${token}`;
  throw new EffectError("refused", "acme-answer-malformed", "the CA's token is none (RFC 8555 8.1)", {
    retryable: false,
  });
}
