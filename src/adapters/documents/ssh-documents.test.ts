import { expect, test } from "vitest";
import { authorizedKeysRotator } from "../rotators/authorized-keys/rotator.ts";
import { readDocuments } from "./read-documents.ts";

const PIN = `SHA256:${"A".repeat(43)}`;
const KEYS = { first: `SHA256:${"1".repeat(43)}`, second: `SHA256:${"2".repeat(43)}` };

function connection(spec: string, allow = "objects: [deploy]"): string {
  return `apiVersion: cre/v1
kind: Connection
metadata: { name: web }
spec: { ssh: { ${spec}, user: deploy, key: { env: SSH_KEY } }, allow: { services: [shop], ${allow} } }
`;
}

function credential(name: string, provider: string, handle = ""): string {
  return `apiVersion: cre/v1
kind: Credential
metadata: { name: ${name} }
spec:
  type: ssh-key
  service: shop
  owner: { team: shop, contact: shop@example.com }
  createdAt: 2026-01-15
  method: automated
  ${handle === "" ? "" : `handle: ${handle}`}
  provider: { authorized-keys: { ${provider} } }
  deliver: [ { env-file: { path: /etc/shop/${name}, values: { KEY: "{publicKey}" } } } ]
  access: []
`;
}

const SETTINGS = `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec: { paths: [/etc/shop] }
`;

function read(connections: string, ...credentials: readonly string[]) {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  return readDocuments([
    { path: "registry/a.yaml", bytes: bytes(credentials.join("---\n")) },
    { path: "policies/a.yaml", bytes: bytes([connections, SETTINGS].join("---\n")) },
  ]);
}

const codes = (...given: Parameters<typeof read>): readonly string[] =>
  read(...given).problems.map(({ code, message, fix }) => `${code}: ${message} ${fix}`);

const HOST = `host: web.internal, hostKey: "${PIN}"`;
const ONE = credential("deploy-key", "hosts: [web], user: deploy");

test("an account, by host or by inventory, is fine when the connection lets it in", () => {
  expect(codes(connection(HOST), ONE)).toEqual([]);
  expect(codes(connection(HOST, 'objects: ["deploy@web.*"]'), ONE)).toEqual([]);
  const inventory = credential(
    "deploy-key",
    "inventory: { file: hosts/web.txt, connection: web }, user: deploy",
  );
  expect(codes(connection("knownHosts: certs/known_hosts"), inventory)).toEqual([]);
});

test.each([
  ["another host", connection(HOST, 'objects: ["deploy@db.*"]'), "connection-not-allowed"],
  ["no account at all", connection(HOST, "names: [deploy-key]"), "objects-missing"],
  ["two ways to pin", connection(`${HOST}, knownHosts: known`), ""],
  ["no pin", connection("host: web.internal"), ""],
  ["a pin that is none", connection("host: web.internal, hostKey: anything"), ""],
  ["a file outside", connection("host: web.internal, knownHosts: ../known"), "file-outside"],
])("a connection with %s is refused", (_, text, code) => {
  const found = codes(text, ONE);
  expect(found.length).toBeGreaterThan(0);
  expect(found.join("\n")).toContain(code);
});

test("root is let in only where it stands as such", () => {
  const root = credential("root-key", "hosts: [web], user: root");
  expect(codes(connection(HOST, 'objects: ["*"]'), root).join()).toContain("never means root");
  expect(codes(connection(HOST, 'objects: ["root@web.internal"]'), root)).toEqual([]);
});

test("two credentials share an account only with different keys, and their identities say so", () => {
  const [first, second] = [
    credential("first", "hosts: [web], user: deploy", KEYS.first),
    credential("second", "hosts: [web], user: deploy", KEYS.second),
  ];
  expect(codes(connection(HOST), first, second)).toEqual([]);
  const twice = credential("second", "hosts: [web], user: deploy", KEYS.first);
  expect(codes(connection(HOST), first, twice).join()).toContain("identity-twice");
  const { documents } = read(connection(HOST), first, second);
  const identities = [...documents.credentials.values()].map(({ document }) =>
    authorizedKeysRotator.identity(document.spec, (name) => documents.connections.get(name)?.document.spec),
  );
  expect(identities).toEqual([
    `authorized-keys/web.internal:22/deploy/${KEYS.first}`,
    `authorized-keys/web.internal:22/deploy/${KEYS.second}`,
  ]);
});

test("an account whose whole file is one credential's has no other one, in whatever order they stand", () => {
  const whole = credential("whole", "hosts: [web], user: deploy");
  const one = credential("one", "hosts: [web], user: deploy", KEYS.first);
  for (const both of [
    [whole, one],
    [one, whole],
  ] as const) {
    const found = codes(connection(HOST), ...both);
    expect(found).toEqual([expect.stringContaining("identity-twice")]);
    expect(found.join()).toContain("`handle`");
  }
  expect(codes(connection(HOST), one, credential("two", "hosts: [web], user: deploy", KEYS.second))).toEqual(
    [],
  );
});
