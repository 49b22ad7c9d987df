import { leaseView } from "../core/rotation/lease.ts";
import { isOpen } from "../core/rotation/transition.ts";
import type { Status } from "../core/state/status.ts";
import type { People, RunnerPorts } from "./ports.ts";
import type { World } from "./world.ts";

/** Runs that are asked about at most; the leases of others end by themselves. */
const MOST_RUNS = 20;
const SECONDS = 10;

type Ports = Pick<RunnerPorts, "clock" | "identity" | "liveness" | "progress" | "timeLimit">;

/** The world, in which whoever holds a lease for a run that is over by the forge's word is dead. */
export async function withEndedRuns(world: World, people: People, signal: AbortSignal): Promise<World> {
  const { ports, state } = world;
  const over = await endedHolders([...state.statuses.values()], ports, people, signal);
  if (over.size === 0) return world;
  const { liveness } = ports;
  const isDead = (holder: string): boolean => over.has(holder) || liveness.isDead(holder);
  return { ...world, ports: { ...ports, liveness: { ...liveness, isDead } } };
}

/**
 * Holders of leases whose run is over. The forge is asked only where another run holds one, and whatever it does not
 * answer leaves the lease as it is.
 */
export async function endedHolders(
  statuses: readonly Status[],
  ports: Ports,
  people: Pick<People, "forge">,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const over = new Set<string>();
  const holders = foreignHolders(statuses, ports);
  const runs = new Set(holders.flatMap((holder) => ports.liveness.runOf?.(holder) ?? []));
  if (runs.size === 0) return over;
  const within = AbortSignal.any([signal, ports.timeLimit(SECONDS)]);
  try {
    const forge = await people.forge();
    for (const run of [...runs].slice(0, MOST_RUNS)) {
      if ((await forge?.isRunOver(run, within)) !== true) continue;
      ports.progress.step(`the run ${run} is over: what it held is taken over`);
      for (const holder of holders) {
        if (ports.liveness.runOf?.(holder) === run) over.add(holder);
      }
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : "for an unknown reason";
    ports.progress.warn(`whether runs that hold rotations are over is not known: ${why}`);
  }
  return over;
}

function foreignHolders(
  statuses: readonly Status[],
  { clock, identity, liveness }: Ports,
): readonly string[] {
  const now = clock.now();
  return statuses.flatMap(({ rotation }) => {
    const lease = isOpen(rotation) ? rotation.lease : undefined;
    const view = leaseView(lease, identity.run, now, (holder) => liveness.isDead(holder));
    return view === "held" && lease?.holder !== undefined ? [lease.holder] : [];
  });
}
