import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Liveness } from "../../core/ports/store.ts";

/**
 * Tells whether a process of this host is dead. A process is named by host, boot, process id space, id and start
 * time, so that neither a reboot, nor another container, nor a reused id is taken for it. Where any of these cannot
 * be known (no /proc), nobody is ever called dead: the lease's end decides then.
 */
export function hostLiveness(): Liveness {
  const place = placeOfProcesses();
  const self = `${place ?? `${hostname()}/unknown`}/${process.pid}/${startOf(process.pid) ?? "unknown"}`;
  return {
    self,
    isDead: (holder) => {
      if (place === undefined || !holder.startsWith(`${place}/`)) return false;
      const [pid = "", start = ""] = holder.slice(place.length + 1).split("/");
      return /^\d+$/.test(pid) && /^\d+$/.test(start) && startOf(Number(pid)) !== start;
    },
  };
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

/** Clock ticks from boot to the start of a process (proc(5), field 22); undefined when there is no such process. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command in parentheses may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has done all that it will ever do.
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
