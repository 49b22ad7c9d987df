import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Liveness } from "../../core/ports/store.ts";

/**
 * Tells whether a process of this host is dead. A process is named by host, boot, process id space, id and start
 * time, so that neither a reboot, nor another container, nor a reused id is taken for it. Where any of these cannot
 * be known (no /proc), nobody is ever called dead: the lease's end decides then. In a workflow of GitHub the name also
 * says which run it is: its machine is gone with it, and nobody can look there.
 */
export function hostLiveness(env: Readonly<Record<string, string | undefined>> = {}): Liveness {
  const place = placeOfProcesses();
  const own = startOf(process.pid);
  const run = workflowRun(env);
  const self = `${place ?? `${hostname()}/unknown`}/${process.pid}/${typeof own === "string" ? own : "unknown"}${run === undefined ? "" : `${IN_RUN}${run}`}`;
  return {
    self,
    runOf: (holder) => {
      const at = holder.indexOf(IN_RUN);
      return at === -1 ? undefined : holder.slice(at + IN_RUN.length);
    },
    isDead: (holder) => {
      if (place === undefined || !holder.startsWith(`${place}/`)) return false;
      const [, pid = "", start = ""] = PROCESS.exec(holder.slice(place.length + 1)) ?? [];
      if (pid === "") return false;
      const found = startOf(Number(pid));
      return found === undefined
        ? isGone(Number(pid))
        : found === "ended" || (found !== "hidden" && found !== start);
    },
  };
}

/** Between the name of a process and that of its run. */
const IN_RUN = " in ";
const PROCESS = /^(\d+)\/(\d+)(?: in .*)?$/;

/** `owner/name/run/attempt`: one start of a workflow. */
function workflowRun({
  GITHUB_ACTIONS: actions,
  GITHUB_REPOSITORY: repository,
  GITHUB_RUN_ID: run,
  GITHUB_RUN_ATTEMPT: attempt,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = `${repository}/${run}/${attempt}`;
  return actions === "true" && /^[\w.-]+\/[\w.-]+\/\d+\/\d+$/.test(name) ? name : undefined;
}

/** `host/boot/process id space`: within it a process id and its start time name one process. */
function placeOfProcesses(): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const space = readlinkSync("/proc/self/ns/pid").replaceAll(/\D/g, "");
    return `${hostname()}/${boot}/${space}`;
  } catch {
    return undefined;
  }
}

/**
 * Clock ticks from boot to the start of a process (proc(5), field 22); `ended` for a zombie, which has done all that
 * it will ever do; `hidden` when it may not be looked at; undefined when /proc does not show such a process.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command in parentheses may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "ended" : fields[19];
  } catch (error) {
    return isErrno(error, "ENOENT", "ESRCH") ? undefined : "hidden";
  }
}

/** /proc mounted with `hidepid` does not show the processes of others, but they can still be asked for. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return isErrno(error, "ESRCH");
  }
}

function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
