import type { Inputs } from "../../core/ports/store.ts";
import type { People, RunnerPorts } from "../../runner/ports.ts";
import type { ReportLine, RunReport } from "../../runner/run-report.ts";
import { connectionsOf } from "../catalogue.ts";

/**
 * Where this machine lacks what an emergency needs: starts the workflow that the settings name for it, and reports
 * that. Undefined: it is to be tried here, because nothing is lacking or because there is no such workflow. The incident
 * is on record already, so that any run of the credential is the emergency.
 */
export async function startedElsewhere(
  ports: RunnerPorts,
  credential: string,
  signal: AbortSignal,
): Promise<RunReport | undefined> {
  const inputs = await ports.store.fetchInputs(signal);
  const workflow = inputs.documents.settings?.document.spec.forge?.emergencyWorkflow;
  const people = workflow === undefined ? undefined : ports.people?.(inputs);
  if (workflow === undefined || people === undefined) return undefined;
  try {
    const lacking = whatLacks(credential, inputs, ports, people);
    if (lacking === undefined) return undefined;
    const { line, started } = await start(workflow, credential, lacking, people, signal);
    return {
      run: ports.identity.run,
      exit: started ? 0 : 3,
      lines: [line],
      plan: [],
      pushes: 0,
      problems: inputs.problems,
      summary: started
        ? `the workflow ${workflow} goes on`
        : `the workflow ${workflow} must be started by hand`,
    };
  } finally {
    await people.close();
  }
}

/** What a rotation of the credential needs and this machine has not; undefined: nothing, or no machine could do it. */
function whatLacks(name: string, inputs: Inputs, ports: RunnerPorts, people: People): string | undefined {
  const source = inputs.documents.credentials.get(name);
  if (source?.document.spec.method !== "automated") return undefined;
  const capability = ports.capabilities(inputs.documents)(source);
  if (!capability.able) return capability.why === "elsewhere" ? capability.reason : undefined;
  const used = new Set(
    connectionsOf(source.document, inputs.documents).map((connection) => `the connection ${connection}`),
  );
  const absent = people.absentSecrets?.().filter(({ usedBy }) => used.has(usedBy)) ?? [];
  const [first] = absent;
  return first === undefined ? undefined : `${first.usedBy} needs the secret ${first.reference}`;
}

async function start(
  workflow: string,
  credential: string,
  lacking: string,
  people: People,
  signal: AbortSignal,
): Promise<{ readonly line: ReportLine; readonly started: boolean }> {
  const here = `${credential}: this machine cannot do it: ${lacking}`;
  try {
    const forge = await people.forge();
    if (forge === undefined) throw new Error("the settings name no forge");
    await forge.dispatch(workflow, { command: "run", credential }, signal);
    const text = `${here}; the workflow ${workflow} of ${forge.label} was started for it`;
    return { line: { level: "warning", text, credential }, started: true };
  } catch (error) {
    if (signal.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    const text = `${here}, and the workflow ${workflow} could not be started: ${why}; start it by hand with the command run for ${credential}`;
    return { line: { level: "error", text, credential }, started: false };
  }
}
