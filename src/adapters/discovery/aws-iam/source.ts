import type { AwsIamDiscovery } from "../../../core/documents/discovery.ts";
import type { DiscoverySource } from "../../../core/ports/discovery.ts";
import { openAccount } from "./account.ts";

/** Access keys of all users of AWS accounts, each account over a connection of its own. */
export const awsIamSource: DiscoverySource<AwsIamDiscovery> = {
  kind: "aws-iam",
  connections: connectionsOf,
  open: async (entry, ports) => connectionsOf(entry).map((name) => openAccount(name, ports)),
};

function connectionsOf({ connection, connections = [] }: AwsIamDiscovery): readonly string[] {
  return [...new Set(connection === undefined ? connections : [connection, ...connections])];
}
