import type { AwsIamDiscovery } from "../../../core/documents/discovery.ts";
import type { DiscoverySource } from "../../../core/ports/discovery.ts";
import { openAccount } from "./account.ts";

/** Users of one page; IAM gives up to 1,000, and a look goes on by pages. */
const PAGE = 100;

/** Access keys of all users of AWS accounts, each account over a connection of its own. */
export const awsIamSource = createAwsIamSource(PAGE);

/** The source with pages of another size. */
export function createAwsIamSource(page: number): DiscoverySource<AwsIamDiscovery> {
  return {
    kind: "aws-iam",
    connections: connectionsOf,
    open: async (entry, ports) => connectionsOf(entry).map((name) => openAccount(name, ports, page)),
  };
}

function connectionsOf({ connection, connections = [] }: AwsIamDiscovery): readonly string[] {
  return [...new Set(connection === undefined ? connections : [connection, ...connections])];
}
