import type { ChannelSpec } from "../../core/documents/channel.ts";
import type { ChannelKind } from "../../core/ports/channel.ts";
import {
  type JsonSink,
  openJsonSink,
  type SinkAnswer,
  type SinkRequest,
} from "../services/chat/json-sink.ts";
import { bindChannel, type ChannelBench } from "./channel-suite.ts";

/** A channel on a service that takes JSON. `settings` says how it is named there, and with which secrets. */
export async function jsonBench(
  kind: ChannelKind,
  answer: (request: SinkRequest) => SinkAnswer,
  settings: (origin: string) => {
    readonly spec: ChannelSpec;
    readonly secrets: Readonly<Record<string, string>>;
  },
  recipient?: ChannelBench["recipient"],
): Promise<ChannelBench & { readonly sink: JsonSink }> {
  const sink = await openJsonSink(answer);
  const { spec, secrets } = settings(sink.origin);
  return {
    channel: await bindChannel(kind, spec, secrets),
    ...(recipient === undefined ? {} : { recipient }),
    taken: () => sink.taken.length,
    fail: (trouble) => sink.fail(trouble),
    close: async () => sink.close(),
    sink,
  };
}
