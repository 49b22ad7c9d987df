import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCommandDelivery } from "../../adapters/deliveries/command/delivery.ts";
import type { CredentialSpec } from "../../core/documents/credential.ts";
import { CreError } from "../../core/model/errors.ts";
import { instantOf } from "../../core/model/instant.ts";
import type { BoundDelivery } from "../../core/ports/delivery.ts";
import type { Pause } from "../../core/ports/runtime.ts";
import type { Breakdown, DeliveryBench } from "./delivery-suite.ts";

const RECEIVER = fileURLToPath(new URL("../../../examples/command-receiver/receiver.ts", import.meta.url));

/** What a broken program does with what it was told: it says it to everybody. */
const BROKEN: Readonly<Record<Breakdown, string>> = {
  refuses: `cat >&2; echo '{"credential":"orders-db","refused":"disk-full"}'; exit 10`,
  fails: "tee /dev/stderr; exit 1",
};

export interface CommandOptions {
  readonly limitSeconds?: number;
  readonly pause?: Pause;
}

function nothing(): never {
  throw new CreError("none", "a command needs nothing else");
}

/** The product's command delivery of `orders-db`, bound to this executable and its arguments. */
export async function bindCommand(
  command: readonly string[],
  options: CommandOptions = {},
): Promise<BoundDelivery> {
  const { limitSeconds = 20, pause = async () => undefined } = options;
  return createCommandDelivery(limitSeconds).bind(
    "orders-db",
    // `as`: the delivery takes nothing from it.
    {} as CredentialSpec,
    { command: { run: "orders" }, consumer: "orders-api" },
    {
      clock: { now: () => instantOf(0) },
      secrets: { read: nothing, present: () => false },
      connection: nothing,
      readFile: nothing,
      paths: [],
      pause,
      commands: { orders: command },
    },
  );
}

export interface CommandBench extends DeliveryBench {
  /** Everything that the program was given of the version in use. */
  partsInUse(): Readonly<Record<string, string>> | undefined;
}

/** A folder of its own with a shell script in it that can be replaced. */
export interface ScriptFolder {
  readonly folder: string;
  readonly script: string;
  readonly write: (body: string) => void;
  readonly remove: () => void;
}

export function scriptFolder(body: string): ScriptFolder {
  const folder = mkdtempSync(join(tmpdir(), "cre-command-"));
  const script = join(folder, "orders");
  const write = (text: string): void => writeFileSync(script, `#!/bin/sh\n${text}\n`, { mode: 0o700 });
  write(body);
  return { folder, script, write, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * The example program as the target, its types erased once instead of at every start. A script of its own stands before
 * it, since interpreters lie anywhere.
 */
export async function openCommandBench(): Promise<CommandBench> {
  const { folder, script, write, remove } = scriptFolder("exit 1");
  const program = join(folder, "receiver.mjs");
  writeFileSync(program, stripTypeScriptTypes(readFileSync(RECEIVER, "utf8")));
  write(`exec '${process.execPath}' '${program}' "$@"`);
  const store = join(folder, "store");
  const partsInUse = (): Readonly<Record<string, string>> | undefined => {
    try {
      const { current } = JSON.parse(readFileSync(join(store, "orders-db.json"), "utf8"));
      return current?.parts;
    } catch {
      return undefined;
    }
  };
  return {
    delivery: await bindCommand([script, store]),
    partsInUse,
    inUse: async () => partsInUse()?.["password"],
    breakDown: async (how) => write(BROKEN[how]),
    close: async () => remove(),
  };
}
