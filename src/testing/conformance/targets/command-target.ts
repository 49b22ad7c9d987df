import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Attempts, Parts, Target, TargetContext } from "./target.ts";

/**
 * A receiver with nothing but a shell, since starting anything bigger takes longer than all it does. `trouble` has the
 * phase that goes wrong and how.
 */
const PROGRAM = String.raw`#!/bin/sh
cd "$1" || exit 1
field() { value=\${input#*"\"$1\":\""}; value=\${value%%\"*}; }
attempt_in() { value=null; [ -e "$1" ] && { read -r value < "$1"; value="\"$value\""; }; }
ended() {
  attempt_in current; current=$value
  attempt_in pending
  echo "{\"credential\":\"$credential\",\"current\":$current,\"pending\":$value}"
}
IFS= read -r input
field credential; credential=$value
field phase; phase=$value
field attemptId; attempt=$value
wanted= trouble=
[ -e trouble ] && read -r wanted trouble < trouble
if [ "$wanted" = "$phase" ]; then
  echo "$phase" >> heard
  case $trouble in
    refused) echo "{\"credential\":\"$credential\",\"refused\":\"as-the-test-wants\"}"; exit 10 ;;
    error) exit 1 ;;
    lost) kill -9 $$ ;;
  esac
fi
attempt_in current; current=$value
attempt_in pending; pending=$value
case $phase in
  stage)
    if [ "$current" != "\"$attempt\"" ]; then
      parts=\${input#*'"parts":'}
      printf '%s\n%s\n' "$attempt" "\${parts%\}}" > new && mv new pending
    fi ;;
  promote)
    if [ "$current" != "\"$attempt\"" ]; then
      [ "$pending" = "\"$attempt\"" ] || { echo "{\"credential\":\"$credential\",\"refused\":\"not-staged\"}"; exit 10; }
      if [ -e current ]; then cp current new && mv new before; fi
      mv pending current
    fi ;;
  abort)
    [ "$pending" = "\"$attempt\"" ] && rm pending ;;
esac
if [ "$wanted" = "$phase" ]; then
  case $trouble in
    lostAfter) kill -9 $$ ;;
    hangAfter) exec sleep 60 ;;
  esac
fi
ended
`.replaceAll("\\$", "$");

/** A program on the runner's host. */
export async function openCommandTarget({ name, folder, first }: TargetContext): Promise<Target> {
  const store = join(folder, "store");
  const program = join(folder, "receive");
  mkdirSync(store, { recursive: true });
  writeFileSync(program, PROGRAM, { mode: 0o700 });
  const read = (file: string): readonly string[] =>
    existsSync(join(store, file)) ? readFileSync(join(store, file), "utf8").split("\n") : [];
  return {
    kind: "command",
    mentioned: `command ${name}`,
    entry: `command: { run: ${name} }`,
    connections: {},
    secrets: {},
    commands: { [name]: [program, store] },
    // `as`: what the program was sent.
    current: async () => JSON.parse(read("current")[1] ?? JSON.stringify(first)) as Parts,
    attempts: async (): Promise<Attempts> => ({ current: read("current")[0], pending: read("pending")[0] }),
    disturb: (how) =>
      writeFileSync(
        join(store, "trouble"),
        how === undefined
          ? ""
          : `${how.phase} ${how.trouble}
`,
      ),
    disturbed: () => read("heard").filter((line) => line !== "").length,
    putBack: async (parts) => {
      const before = read("before");
      const text = before.length === 0 ? `people\n${JSON.stringify(parts)}\n` : before.join("\n");
      writeFileSync(join(store, "current"), text);
    },
    spoil: async (how) => {
      if (how === "not executable") chmodSync(program, 0o600);
      else if (how === "refuses") writeFileSync(join(store, "trouble"), "ask refused\n");
      else throw new Error(`no way to spoil a command: ${how}`);
    },
    mend: async () => {
      chmodSync(program, 0o700);
      writeFileSync(join(store, "trouble"), "");
    },
    stop: async () => undefined,
  };
}
