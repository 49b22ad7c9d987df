import type { Documents } from "../../core/documents/kinds.ts";
import type { Instant } from "../../core/model/instant.ts";
import { isOpen } from "../../core/rotation/transition.ts";
import type { HoldFact, Incident, Request, StateFacts } from "../../core/state/facts.ts";
import { stampedId } from "../../core/state/layout.ts";
import { nearest } from "../../core/text/nearest.ts";
import type { Recorded } from "../../runner/record-command.ts";
import type { HoldOptions, IncidentOptions, ReleaseOptions, RequestOptions } from "../acting.ts";

/** Who speaks, and when. */
export interface Speaker {
  readonly by: string;
  readonly at: Instant;
}

/** `cre compromise`: an incident, in force with its push. */
export function incidentCommand(
  options: IncidentOptions,
  { by, at }: Speaker,
  documents: Documents,
): Recorded {
  const { credential, reason, revokeFirst } = options;
  if (!documents.credentials.has(credential)) return unknown(credential, documents);
  const incident: Incident = {
    schemaVersion: 1,
    id: stampedId(credential, at),
    credential,
    at,
    by,
    reason,
    ...(revokeFirst ? { revokeFirst } : {}),
  };
  return {
    change: { incidents: new Map([[incident.id, incident]]) },
    event: {
      time: at,
      event: "incident.declared",
      credential,
      outcome: "done",
      actor: by,
      detail: { incident: incident.id, reason, revokeFirst },
    },
    subject: `compromised: ${credential}`,
    said: `incident ${incident.id} is on record`,
  };
}

/** `cre hold`: the stop button. */
export function holdCommand(options: HoldOptions, { by, at }: Speaker, documents: Documents): Recorded {
  const { credentials, until, reason } = options;
  const names = credentials === "all" ? [] : credentials;
  const stranger = names.find((name) => !documents.credentials.has(name));
  if (stranger !== undefined) return unknown(stranger, documents);
  if (until <= at) return { change: undefined, said: `the hold would end at ${until}, which is over` };
  const name = credentials === "all" ? "all" : (names[0] ?? "none");
  const hold: HoldFact = {
    schemaVersion: 1,
    id: stampedId(name, at),
    ...(credentials === "all" ? { all: true } : { credentials: [...names] }),
    at,
    until,
    by,
    reason,
  };
  const [only] = names;
  return {
    change: { holds: new Map([[hold.id, hold]]) },
    event: {
      time: at,
      event: "hold.pressed",
      ...(names.length === 1 && only !== undefined ? { credential: only } : {}),
      outcome: "done",
      actor: by,
      detail: { hold: hold.id, credentials: credentials === "all" ? "all" : [...names], until, reason },
    },
    subject: `hold ${credentials === "all" ? "everything" : names.join(", ")} until ${until}`,
    said: `hold ${hold.id} is in force until ${until}; cre release ${hold.id} --reason TEXT ends it`,
  };
}

/** `cre release`: ends a hold, or takes back a false alarm; by id, or by the name of the only one in force. */
export function releaseCommand(options: ReleaseOptions, { by, at }: Speaker, state: StateFacts): Recorded {
  const { id, reason } = options;
  const word = { by, at, reason };
  const holds = [...state.holds.values()].filter(
    (hold) => hold.released === undefined && hold.until > at && isMeant(id, hold.id),
  );
  const incidents = [...state.incidents.values()].filter(
    (incident) => incident.withdrawn === undefined && isMeant(id, incident.id),
  );
  const meant = [...holds.map((hold) => hold.id), ...incidents.map((incident) => incident.id)];
  if (meant.length === 0) {
    return {
      change: undefined,
      said: `no hold and no incident in force is called ${id}; cre status shows those that are`,
    };
  }
  if (meant.length > 1) {
    return { change: undefined, said: `${id} could mean ${meant.join(", ")}: give the whole id` };
  }
  const [hold] = holds;
  const [incident] = incidents;
  if (hold !== undefined) {
    return {
      change: { holds: new Map([[hold.id, { ...hold, released: word }]]) },
      event: {
        time: at,
        event: "hold.released",
        outcome: "done",
        actor: by,
        detail: { hold: hold.id, reason },
      },
      subject: `release ${hold.id}`,
      said: `hold ${hold.id} is released`,
    };
  }
  if (incident === undefined) {
    return {
      change: undefined,
      said: `no hold and no incident in force is called ${id}; cre status shows those that are`,
    };
  }
  return {
    change: { incidents: new Map([[incident.id, { ...incident, withdrawn: word }]]) },
    event: {
      time: at,
      event: "incident.withdrawn",
      credential: incident.credential,
      outcome: "done",
      actor: by,
      detail: { incident: incident.id, reason },
    },
    subject: `false alarm: ${incident.credential}`,
    said: `incident ${incident.id} is withdrawn; what was revoked stays revoked`,
  };
}

/** `cre retry`, `rollback`, `proceed`: a word to the next run. */
export function requestCommand(
  options: RequestOptions,
  { by, at }: Speaker,
  state: StateFacts,
  documents: Documents,
): Recorded {
  const { verb, credential, reason } = options;
  const status = state.statuses.get(credential);
  if (status === undefined && !documents.credentials.has(credential)) return unknown(credential, documents);
  const waiting = isOpen(status?.rotation) || (verb === "retry" && status?.behind !== undefined);
  if (!waiting) {
    return { change: undefined, said: `${credential} has no open rotation: there is nothing to ${verb}` };
  }
  const request: Request = {
    schemaVersion: 1,
    id: stampedId(credential, at),
    verb,
    credential,
    at,
    by,
    reason,
  };
  return {
    change: { requests: new Map([[request.id, request]]) },
    event: {
      time: at,
      event: `request.${verb}`,
      credential,
      outcome: "done",
      actor: by,
      detail: { request: request.id, reason },
    },
    subject: `${verb} ${credential}`,
    said: `${verb} of ${credential} is on record; the next run takes it up (cre run does so now)`,
  };
}

function isMeant(asked: string, id: string): boolean {
  return id === asked || id.replace(/-\d{8}T\d{6}Z$/, "") === asked;
}

function unknown(name: string, documents: Documents): Recorded {
  const near = nearest(name, documents.credentials.keys());
  return {
    change: undefined,
    said: `there is no credential ${name}${near === undefined ? "; cre list shows all" : `; did you mean ${near}?`}`,
  };
}
