import { sendHeartbeat } from "../../adapters/heartbeat/heartbeat.ts";
import { type ChannelSpec, channelKind } from "../../core/documents/channel.ts";
import { CreError } from "../../core/model/errors.ts";
import type { Channel, ChannelPorts } from "../../core/ports/channel.ts";
import type { Forge } from "../../core/ports/forge.ts";
import type { Inputs } from "../../core/ports/store.ts";
import type { People } from "../../runner/ports.ts";
import { CHANNELS } from "../catalogue.ts";
import { absentSecrets } from "./absent-secrets.ts";
import { askForDay } from "./ask-for-day.ts";
import { bindForge, type ForgeSurroundings } from "./bind-forge.ts";

/** What a runner is, for people. */
export interface RunnerFacts {
  readonly place: string;
  readonly zone?: string;
}

/** The forge and the channels that the settings of these inputs name, each opened when it is first needed. */
export function openPeople(inputs: Inputs, ports: ForgeSurroundings, runner: RunnerFacts): People {
  const settings = inputs.documents.settings?.document.spec;
  const open = new Map<string, Promise<Channel>>();
  const { heartbeat } = settings ?? {};
  let forge: Promise<Forge | undefined> | undefined;
  return {
    ...runner,
    askForDay,
    absentSecrets: () => absentSecrets(inputs.documents, runner.zone, ports.secrets),
    ...(heartbeat === undefined
      ? {}
      : { heartbeat: async (signal) => sendHeartbeat(heartbeat, ports.secrets, signal) }),
    forge: async () => (forge ??= bindForge(settings?.forge, ports)),
    channel: async (name) => {
      const spec = settings?.channels?.[name];
      if (spec === undefined) throw new CreError("channel-missing", `the settings have no channel ${name}`);
      const bound = open.get(name) ?? bindChannel(name, spec, ports);
      open.set(name, bound);
      return bound;
    },
    close: async () => {
      await Promise.allSettled([...open.values()].map(async (channel) => (await channel).close()));
    },
  };
}

async function bindChannel(name: string, spec: ChannelSpec, ports: ChannelPorts): Promise<Channel> {
  const kind = CHANNELS.find((known) => known.kind === channelKind(spec));
  if (kind !== undefined) return kind.bind(name, spec, ports);
  throw new CreError("channel-unsupported", `this version cannot tell anybody through ${channelKind(spec)}`);
}
