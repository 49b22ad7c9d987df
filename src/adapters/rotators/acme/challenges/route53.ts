import type { ResourceRecordSet, Route53 } from "@aws-sdk/client-route-53";
import { CreError } from "../../../../core/model/errors.ts";
import type { RotatorPorts } from "../../../../core/ports/rotator.ts";
import { awsClientOptions, awsOf } from "../../../clients/aws/client-options.ts";
import { send, type TwoClients, twoClients } from "../../../clients/aws/sending.ts";
import { settledVisibility } from "./spreading.ts";
import type { ChallengeTask, ChallengeWay, Visibility } from "./way.ts";

/** Seconds that resolvers may keep a record; it is gone a moment later anyway. */
const TTL = 10;

interface Zone {
  readonly id: string;
  /** Without a dot at its end. */
  readonly name: string;
}

interface Reached {
  readonly place: string;
  readonly clients: TwoClients<Route53>;
  readonly hostedZone: string | undefined;
}

/**
 * TXT records in Route 53. What others have at the same name stays: values are added to theirs and taken away from them.
 * Route 53 says itself when all of its servers have a change.
 */
export function route53Way(
  credential: string,
  names: readonly string[],
  { connection: name, hostedZone }: { readonly connection: string; readonly hostedZone?: string },
  ports: RotatorPorts,
): ChallengeWay {
  const connection = awsOf(name, ports.connection(name));
  const opened: Route53[] = [];
  const open = async (use: "question" | "effect"): Promise<Route53> => {
    const sdk = await import("@aws-sdk/client-route-53");
    const client = new sdk.Route53(
      await awsClientOptions({ name, connection, credential, secrets: ports.secrets }, use),
    );
    opened.push(client);
    return client;
  };
  const reached: Reached = { place: `Route 53 through aws ${name}`, clients: twoClients(open), hostedZone };
  return {
    type: "dns-01",
    preflight: async (signal) => {
      for (const one of new Set(names.map(recordName))) {
        await valuesAt(reached, await zoneOf(reached, one, signal), one, signal);
      }
    },
    put: async (tasks, signal) => {
      const changes: string[] = [];
      for (const [record, values] of byRecord(tasks)) {
        const change = await putValues(reached, record, values, signal);
        if (change !== undefined) changes.push(change);
      }
      return settledVisibility(async () => visibilityOf(reached, changes, signal), ports.pause, signal);
    },
    drop: async (tasks, signal) => {
      for (const [record, values] of byRecord(tasks)) await dropValues(reached, record, values, signal);
    },
    close: () => {
      for (const client of opened.splice(0)) client.destroy();
    },
  };
}

function recordName(name: string): string {
  return `_acme-challenge.${name.replace(/^\*\./, "")}`;
}

function byRecord(tasks: readonly ChallengeTask[]): ReadonlyMap<string, readonly string[]> {
  const records = new Map<string, string[]>();
  for (const { record } of tasks) {
    records.set(record.name, [...(records.get(record.name) ?? []), quoted(record.value)]);
  }
  return records;
}

function quoted(value: string): string {
  return `"${value}"`;
}

/** Undefined: everything is there already, from an attempt before. */
async function putValues(
  reached: Reached,
  record: string,
  values: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const zone = await zoneOf(reached, record, signal);
  const present = await valuesAt(reached, zone, record, signal);
  const wanted = [...new Set([...(present?.values ?? []), ...values])];
  if (present !== undefined && wanted.length === present.values.length) return undefined;
  return change(reached, zone, "UPSERT", recordSet(record, wanted, present?.ttl ?? TTL), signal);
}

async function dropValues(
  reached: Reached,
  record: string,
  values: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const zone = await zoneOf(reached, record, signal);
  const present = await valuesAt(reached, zone, record, signal);
  if (present === undefined) return;
  const left = present.values.filter((value) => !values.includes(value));
  if (left.length === present.values.length) return;
  const action = left.length === 0 ? "DELETE" : "UPSERT";
  await change(
    reached,
    zone,
    action,
    recordSet(record, left.length === 0 ? present.values : left, present.ttl),
    signal,
  );
}

function recordSet(name: string, values: readonly string[], ttl: number): ResourceRecordSet {
  return { Name: name, Type: "TXT", TTL: ttl, ResourceRecords: values.map((Value) => ({ Value })) };
}

async function change(
  { clients, place }: Reached,
  zone: Zone,
  action: "UPSERT" | "DELETE",
  set: ResourceRecordSet,
  signal: AbortSignal,
): Promise<string | undefined> {
  const call = { place: `${set.Name} in ${place}`, action: "route53:ChangeResourceRecordSets" };
  const done = await send(clients.acting(), call, signal, async (route53, options) =>
    route53.changeResourceRecordSets(
      { HostedZoneId: zone.id, ChangeBatch: { Changes: [{ Action: action, ResourceRecordSet: set }] } },
      options,
    ),
  );
  return done.ChangeInfo?.Status === "INSYNC" ? undefined : done.ChangeInfo?.Id;
}

async function visibilityOf(
  { clients, place }: Reached,
  changes: readonly string[],
  signal: AbortSignal,
): Promise<Visibility> {
  for (const id of changes) {
    const call = { place, action: "route53:GetChange" };
    const { ChangeInfo: info } = await send(clients.asking(), call, signal, async (route53, options) =>
      route53.getChange({ Id: id }, options),
    );
    if (info?.Status !== "INSYNC") return "spreading";
  }
  return "visible";
}

interface Present {
  readonly values: readonly string[];
  readonly ttl: number;
}

async function valuesAt(
  { clients, place }: Reached,
  zone: Zone,
  record: string,
  signal: AbortSignal,
): Promise<Present | undefined> {
  const call = { place: `${record} in ${place}`, action: "route53:ListResourceRecordSets" };
  const { ResourceRecordSets: sets = [] } = await send(
    clients.asking(),
    call,
    signal,
    async (route53, options) =>
      route53.listResourceRecordSets(
        { HostedZoneId: zone.id, StartRecordName: record, StartRecordType: "TXT", MaxItems: 1 },
        options,
      ),
  );
  const found = sets.find(({ Name, Type }) => Type === "TXT" && withoutDot(Name ?? "") === record);
  if (found === undefined) return undefined;
  const values = (found.ResourceRecords ?? []).flatMap(({ Value }) => (Value === undefined ? [] : [Value]));
  return { values, ttl: found.TTL ?? TTL };
}

/** The zone that the document names, else the closest public one above the record. */
async function zoneOf(
  { clients, place, hostedZone }: Reached,
  record: string,
  signal: AbortSignal,
): Promise<Zone> {
  if (hostedZone !== undefined) return { id: hostedZone, name: "" };
  for (let at = record.slice(record.indexOf(".") + 1); at.includes("."); at = at.slice(at.indexOf(".") + 1)) {
    const call = { place, action: "route53:ListHostedZonesByName" };
    const { HostedZones: zones = [] } = await send(clients.asking(), call, signal, async (route53, options) =>
      route53.listHostedZonesByName({ DNSName: at, MaxItems: 10 }, options),
    );
    const found = zones.find(
      ({ Name, Config }) => withoutDot(Name ?? "") === at && Config?.PrivateZone !== true,
    );
    if (found?.Id !== undefined) return { id: found.Id.replace(/^\/hostedzone\//, ""), name: at };
  }
  throw new CreError("acme-zone-missing", `${place} has no public hosted zone for ${record}`, {
    fix: "name the zone as `hostedZone`, or use a connection of the account that has it",
  });
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, "").toLowerCase();
}
