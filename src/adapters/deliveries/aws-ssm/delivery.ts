import { renderValues } from "../../../core/delivery/render-values.ts";
import type { DeliverEntry } from "../../../core/documents/deliver.ts";
import { CreError, EffectError } from "../../../core/model/errors.ts";
import type { Secret, SecretParts } from "../../../core/model/secret.ts";
import type { BoundDelivery, Delivery, DeliveryPorts, Held } from "../../../core/ports/delivery.ts";
import type { Pause } from "../../../core/ports/runtime.ts";
import { awsLogin, awsOf, optionsAs } from "../../clients/aws/client-options.ts";
import { awsFailure } from "../../clients/aws/failure.ts";
import { twoClients } from "../../clients/aws/sending.ts";
import { inDoubt } from "../../clients/in-doubt.ts";
import { checkSize, checkType, type Newest, newestOf, placeOf, putValue, type Store } from "./parameter.ts";

/** Tries and pauses, in seconds, for a parameter after the first: half of a push is worse than a slow one. */
const PAUSES = [1, 2, 4];
/** How often somebody else may put a value while we put ours. */
const RACES = 3;

/**
 * The `aws-ssm` delivery: SecureString parameters, which take a new value only in place of the old one. The attempt
 * stands in the description, written in one call with the value. Several parameters are pushed in the document's
 * order, and not at once: while they differ, what they hold is unclear.
 */
export const awsSsmDelivery: Delivery = {
  kind: "aws-ssm",
  connections: (entry) => {
    const spec = entry["aws-ssm"];
    return spec === undefined ? [] : [spec.connection];
  },
  stages: () => false,
  bind: async (name, _, entry, ports) => bindParameters(name, entry, ports),
};

function bindParameters(credential: string, entry: DeliverEntry, ports: DeliveryPorts): BoundDelivery {
  const spec = entry["aws-ssm"];
  if (spec === undefined) throw new Error("bound to an entry of another kind");
  const { connection: name, values } = spec;
  const connection = awsOf(name, ports.connection(name));
  const login = awsLogin({ name, connection, credential, secrets: ports.secrets });
  const names = Object.keys(values);
  const store: Store = {
    connectionName: name,
    region: connection.region,
    clients: twoClients(async (use) => {
      const { SSM } = await import("@aws-sdk/client-ssm");
      return new SSM(optionsAs(login, connection, use));
    }),
  };
  return {
    label: `aws-ssm ${names.join(" ")} (${name}, ${connection.region})`,
    consumer: entry.consumer,
    confirms: false,
    triesPending: false,
    preflight: async (signal) => preflight(store, names, signal),
    push: async ({ attempt }, parts, signal) =>
      push(store, attempt, rendered(store, values, parts), ports.pause, signal),
    holds: async (signal) =>
      held(store, names, signal).catch((error: unknown) => {
        if (error instanceof CreError) return "unknown";
        throw error;
      }),
  };
}

function rendered(
  { connectionName }: Store,
  values: Readonly<Record<string, string>>,
  parts: SecretParts,
): ReadonlyMap<string, Secret> {
  try {
    return renderValues(values, parts);
  } catch (error) {
    const { code, message, evidence, fix } = awsFailure(error, {
      place: `aws ${connectionName}`,
      action: "",
    });
    throw new EffectError("refused", code, message, { ...detailsOf(evidence, fix), retryable: false });
  }
}

/**
 * Everything that can be known before the push. A parameter that is missing is made by the first push. Whether the
 * runner may write cannot be asked without writing.
 */
async function preflight(store: Store, names: readonly string[], signal: AbortSignal): Promise<void> {
  for (const name of names) checkType(store, name, await newestOf(store, name, signal));
}

async function push(
  store: Store,
  attempt: string,
  values: ReadonlyMap<string, Secret>,
  pause: Pause,
  signal: AbortSignal,
): Promise<void> {
  // All are looked at before the first is changed.
  for (const [name, value] of values) {
    const newest = await newestOf(store, name, signal);
    checkType(store, name, newest);
    checkSize(store, name, value, newest?.tier ?? "Standard");
  }
  let done = 0;
  for (const [name, value] of values) {
    try {
      await pushOne(store, name, { attempt, value }, done === 0 ? [] : PAUSES, pause, signal);
    } catch (error) {
      throw done === 0 ? error : halfDone(error, done, values.size);
    }
    done += 1;
  }
}

/** Puts one value, unless it is there; after each pause once more, whatever became of the time before. */
async function pushOne(
  store: Store,
  name: string,
  what: { readonly attempt: string; readonly value: Secret },
  pauses: readonly number[],
  pause: Pause,
  signal: AbortSignal,
): Promise<void> {
  for (const seconds of [...pauses, undefined]) {
    try {
      return await put(store, name, what, signal);
    } catch (error) {
      const isFinal = error instanceof EffectError && !error.retryable;
      if (seconds === undefined || isFinal || signal.aborted) throw error;
      await pause(seconds, signal);
    }
  }
}

async function put(
  store: Store,
  name: string,
  { attempt, value }: { readonly attempt: string; readonly value: Secret },
  signal: AbortSignal,
): Promise<void> {
  for (let race = 0; race < RACES; race += 1) {
    try {
      const newest = await newestOf(store, name, signal);
      if (newest !== undefined && isOf(newest, attempt)) return;
      checkType(store, name, newest);
      const version = (newest?.version ?? 0) + 1;
      const what = { attempt, value, version, kept: newest?.kept ?? {} };
      // Somebody else put a value at the same moment: ours is the newest, but says that it is another version.
      if ((await putValue(store, name, what, signal)) === version) return;
    } catch (error) {
      throw race === 0 ? error : inDoubt(error);
    }
  }
  throw new EffectError(
    "unknown",
    "aws-ssm-busy",
    `${placeOf(store, name)} is being written by somebody else`,
    {
      fix: "find out what writes it; the next run asks what is there",
    },
  );
}

async function held(store: Store, names: readonly string[], signal: AbortSignal): Promise<Held> {
  const found = new Set<string | undefined>();
  for (const name of names) {
    const holds = (await newestOf(store, name, signal))?.holds;
    if (holds === "unclear") return { unclear: true };
    found.add(holds?.attempt);
  }
  // Some have one attempt and some another or none: none of them is in use as a whole.
  if (found.size > 1) return { unclear: true };
  const [current] = found;
  return current === undefined ? {} : { current };
}

function isOf({ holds }: Newest, attempt: string): boolean {
  return holds !== undefined && holds !== "unclear" && holds.attempt === attempt;
}

/** Some parameters have the new value: whatever became of this one, the push was not refused. */
function halfDone(error: unknown, done: number, all: number): unknown {
  if (!(error instanceof EffectError)) return error;
  const { code, message, evidence, fix, retryable } = error;
  const count = `${done} of ${all} parameters have the new value`;
  return new EffectError("unknown", code, message, {
    ...detailsOf(evidence === undefined ? count : `${count}; ${evidence}`, fix),
    retryable,
  });
}

function detailsOf(
  evidence: string | undefined,
  fix: string | undefined,
): { evidence?: string; fix?: string } {
  return { ...(evidence === undefined ? {} : { evidence }), ...(fix === undefined ? {} : { fix }) };
}
