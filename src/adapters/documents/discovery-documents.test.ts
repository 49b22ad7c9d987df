import { expect, test } from "vitest";
import { readDocuments } from "./read-documents.ts";

const CONNECTIONS = [
  "postgresql: { host: db.internal, admin: { user: cre_discovery, password: { env: PW } } }, allow: { objects: [cre_discovery] }",
  "postgresql: { host: pooler.internal }",
  'ssh: { host: web.internal, hostKey: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", user: cre, key: { env: K } }, allow: { objects: [deploy] }',
  "ssh: { knownHosts: certs/known_hosts, user: cre, key: { env: K } }, allow: { objects: [deploy] }",
  "aws: { region: eu-central-1 }",
  'kubernetes: { server: "https://k8s.internal:6443", token: { env: T } }',
  "github: { token: { env: T } }",
];
const NAMES = ["db", "pooler", "web", "fleet", "prod", "cluster", "forge"];

/** The problems of settings with these sources, where each was told. */
function problems(...entries: readonly string[]): readonly string[] {
  const documents = CONNECTIONS.map(
    (spec, at) =>
      `apiVersion: cre/v1\nkind: Connection\nmetadata: { name: ${NAMES[at]} }\nspec: { ${spec} }\n`,
  );
  const settings = `apiVersion: cre/v1\nkind: Settings\nmetadata: { name: settings }\nspec:\n  discovery:\n${entries.map((entry) => `    - ${entry}\n`).join("")}`;
  const bytes = new TextEncoder().encode([settings, ...documents].join("---\n"));
  const read = readDocuments([{ path: "policies/a.yaml", bytes }]);
  return read.problems.map(({ line, code, message }) => `${line - 5} ${code}: ${message}`);
}

test("a source of every kind is fine when what it names is there", () => {
  expect(
    problems(
      "{ name: accounts, every: 12h, aws-iam: { connections: [prod] } }",
      "{ name: account, aws-iam: { connection: prod } }",
      "{ name: databases, postgresql: { connection: db } }",
      '{ name: served, tls: { endpoints: ["www.example.com:443", "[2001:db8::1]:443"], ranges: [ { cidr: 10.20.0.0/20, ports: [443] }, { cidr: "fd00::/116", ports: [8443] } ], registry: true, files: ["deploy/**/*.yaml"] } }',
      "{ name: hosts, authorized-keys: { connections: [web], users: [deploy, root] } }",
      '{ name: fleet, authorized-keys: { inventory: { file: hosts/fleet.txt, connection: fleet }, files: ["/etc/ssh/keys/%u"] } }',
      "{ name: ingress, kubernetes: { connection: cluster, namespaces: [shop] } }",
      "{ name: repositories, github: { connection: forge, repositories: [acme/shop] } }",
      "{ name: organisation, github: { connection: forge, organisation: acme } }",
    ),
  ).toEqual([]);
});

test.each([
  ["{ name: a, aws-iam: { connection: prd } }", "connection-unknown"],
  ["{ name: a, aws-iam: { connections: [prod, db] } }", "connection-wrong-kind"],
  ["{ name: a, postgresql: { connections: [db, pooler] } }", "connection-without-admin"],
  ["{ name: a, authorized-keys: { connections: [fleet] } }", "connection-without-host"],
  ["{ name: a, authorized-keys: { inventory: { file: ../hosts, connection: fleet } } }", "file-outside"],
  ["{ name: a, kubernetes: { connection: forge, namespaces: [shop] } }", "connection-wrong-kind"],
  ["{ name: a, github: { connection: forge } }", "exactly-one"],
  ['{ name: a, tls: { endpoints: ["www.example.com"] } }', "endpoint-invalid"],
  ['{ name: a, tls: { endpoints: ["www.example.com:65536"] } }', "endpoint-invalid"],
  ["{ name: a, tls: { ranges: [ { cidr: 10.20.0.0/19, ports: [443] } ] } }", "range-invalid"],
  ["{ name: a, tls: { ranges: [ { cidr: 10.20.0.1/24, ports: [443] } ] } }", "range-invalid"],
  ["{ name: a, tls: { ranges: [ { cidr: 10.20.0/24, ports: [443] } ] } }", "range-invalid"],
])("%s is told as %s", (entry, code) => {
  expect(problems(entry)).toEqual([expect.stringMatching(`^1 ${code}: `)]);
});

test("two sources of one name are told at the second", () => {
  expect(
    problems("{ name: a, aws-iam: { connection: prod } }", "{ name: a, postgresql: { connection: db } }"),
  ).toEqual(['2 discovery-name-twice: two sources have the name "a"']);
});
