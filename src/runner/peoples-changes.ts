import type { AuditEvent } from "../core/audit/entry.ts";
import type { Instant } from "../core/model/instant.ts";
import type { DocumentChange } from "../core/ports/store.ts";
import type { StateFacts } from "../core/state/facts.ts";
import type { RunnerPorts } from "./ports.ts";

/** What people changed since the trail of a state last looked: it stands in the trail before what follows from it. */
export async function peoplesChanges(
  ports: RunnerPorts,
  state: StateFacts,
  commit: string | undefined,
  signal: AbortSignal,
): Promise<readonly AuditEvent[]> {
  if (commit === undefined) return [];
  const known = await ports.store.lastInputs(state);
  if (known === commit) return [];
  const time = ports.clock.now();
  const changes = await ports.store.changesSince(known, commit, signal);
  return changes.map((change) => documentEvent(change, commit, time));
}

function documentEvent(change: DocumentChange, inputs: string, time: Instant): AuditEvent {
  const { kind, name, formerName, file, commit, author, at, retiredAt } = change;
  const event: AuditEvent = {
    time,
    event: `document.${change.change}`,
    inputs,
    detail: {
      kind,
      name,
      ...(formerName === undefined ? {} : { formerName }),
      file,
      commit,
      author,
      at,
      ...(retiredAt === undefined ? {} : { retiredAt }),
    },
  };
  return kind === "Credential" ? { ...event, credential: name } : event;
}
