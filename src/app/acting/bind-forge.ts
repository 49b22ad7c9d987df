import { githubForge } from "../../adapters/forges/github/forge.ts";
import type { SettingsSpec } from "../../core/documents/settings.ts";
import type { ChannelPorts } from "../../core/ports/channel.ts";
import type { Forge } from "../../core/ports/forge.ts";

/** What a forge gets from its surroundings. */
export interface ForgeSurroundings extends ChannelPorts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Address of the repository's git remote; it may hold a login, and is not to be shown. */
  readonly remoteUrl: () => Promise<string | undefined>;
}

/** The forge that the settings name; undefined: none. Rejects with a CreError when it cannot be used. No network. */
export async function bindForge(
  spec: SettingsSpec["forge"],
  { env, remoteUrl, secrets, progress, ...files }: ForgeSurroundings,
): Promise<Forge | undefined> {
  if (spec === undefined || spec.kind === "none") return undefined;
  return githubForge(spec, {
    env,
    secrets,
    remoteUrl,
    readFile: async (path) => files.readFile(path),
    warn: (message) => progress.warn(message),
  });
}
