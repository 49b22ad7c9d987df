import { systemClock } from "../../adapters/runtime/clock.ts";
import type { Errand } from "../../runner/assign.ts";
import type { RunnerPorts } from "../../runner/ports.ts";
import { recordCommand } from "../../runner/record-command.ts";
import { run } from "../../runner/run.ts";
import type { RunReport } from "../../runner/run-report.ts";
import type { Acting, ActingContext } from "../acting.ts";
import { emergencyReport } from "./emergency-report.ts";
import { openPorts, type PortOptions } from "./open-ports.ts";
import {
  holdCommand,
  incidentCommand,
  releaseCommand,
  requestCommand,
  type Speaker,
} from "./person-commands.ts";
import { startedElsewhere } from "./start-elsewhere.ts";
import { partsOfValue } from "./value-parts.ts";

/** The commands with effects, composed from the real adapters. */
export function openActing(context: ActingContext): Acting {
  const { signal, actor: by, clock = systemClock } = context;
  const portsOf = (zone: string | undefined): PortOptions => ({
    clock,
    ...(zone === undefined ? {} : { zone }),
  });
  const say = async (decide: Parameters<typeof recordCommand>[1]): Promise<RunReport> => {
    const ports = await openPorts(context, { clock });
    return saidReport(ports, await recordCommand(ports, decide, signal));
  };
  const speaker = (): Speaker => ({ by, at: clock.now() });
  const act = async (errand: Errand, zone: string | undefined): Promise<RunReport> =>
    run(await openPorts(context, portsOf(zone)), errand, signal);
  return {
    runScheduled: ({ zone, selectors }) => act(selectors === undefined ? {} : { selectors }, zone),
    rotateOne: async ({ credential, value, zone }) => {
      const errand: Errand = { only: new Set([credential]), explicit: { credential, by } };
      return act(value === undefined ? errand : { ...errand, given: partsOfValue(value) }, zone);
    },
    declareIncident: async (options) => {
      const { credential, zone } = options;
      const ports = await openPorts(context, portsOf(zone));
      const at = clock.now();
      const said = await recordCommand(
        ports,
        (_, { documents }) => incidentCommand(options, { by, at }, documents),
        signal,
      );
      if (!said.recorded) return saidReport(ports, said);
      const report =
        (await startedElsewhere(ports, credential, signal)) ??
        (await run(ports, { only: new Set([credential]) }, signal));
      return emergencyReport(ports, options, at, said.said, report, signal);
    },
    pressHold: (options) => say((_, { documents }) => holdCommand(options, speaker(), documents)),
    release: (options) => say((state) => releaseCommand(options, speaker(), state)),
    request: (options) => say((state, { documents }) => requestCommand(options, speaker(), state, documents)),
  };
}

/** A command that only records something, or says why it cannot. */
function saidReport(ports: RunnerPorts, { recorded, said }: { recorded: boolean; said: string }): RunReport {
  const line = { level: recorded ? "info" : "error", text: said } as const;
  return {
    run: ports.identity.run,
    exit: recorded ? 0 : 2,
    lines: [line],
    plan: [],
    pushes: recorded ? 1 : 0,
    problems: [],
    summary: said,
  };
}
