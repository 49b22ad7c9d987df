import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { instantOf } from "../../../core/model/instant.ts";
import { createIdentityProvider } from "../../../testing/services/aws/identity-provider.ts";
import { failureOf, useEntraBench } from "../../../testing/services/entra/entra-bench.ts";
import { type EntraOrders, fenceOn, markOf, soon } from "../../../testing/services/entra/entra-orders.ts";

const ROOT = new URL("../../../../", import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const PAGE = textOf(".github/docs/entra-application.md");
const FILE = textOf("examples/entra/application-permissions.json");
const FEDERATED = textOf("examples/entra/federated-credential.json");
const PERMISSIONS: Readonly<Record<string, readonly string[]>> = JSON.parse(FILE);
const { ownedApplications = [], everyApplication = [], signInActivity = [] } = PERMISSIONS;

const bench = useEntraBench();

/** An application whose runner has just these permissions. */
async function granted(...permissions: readonly string[]): Promise<EntraOrders> {
  const made = await bench.orders();
  made.client.granted.clear();
  for (const permission of permissions) made.client.granted.add(permission);
  return made;
}

/** Every call of the rotator once, in the order of a life; `heard` of each before it. */
async function live(made: EntraOrders, heard: (operation: string) => void = () => undefined): Promise<void> {
  const { rotator } = made;
  heard("preflight");
  await rotator.preflight(soon());
  heard("observe");
  const [first] = await rotator.observe(soon());
  if (first === undefined) throw new Error("the application has a client secret");
  heard("adopt");
  await rotator.adopt(first, markOf("adoption", 1), soon());
  const old = { ...first, mark: markOf("adoption", 1) };
  heard("issue");
  const issued = await rotator.issue?.(markOf("attempt-1", 2), [old], soon());
  if (issued === undefined) throw new Error("it makes client secrets beside each other");
  heard("verify");
  await rotator.verify(issued, soon());
  heard("use");
  await rotator.inUse?.(old, instantOf(bench.now - 600), soon());
  heard("revoke");
  await rotator.revoke(old, fenceOn(old, 3), soon());
  heard("contain");
  await rotator.contain?.(old, instantOf(bench.now), soon());
}

/** The rows of one of the page's tables. */
function tableOf(name: string): readonly string[] {
  const [, table = ""] = new RegExp(`<!-- ${name} -->\n([^]*?)\n<!-- /${name} -->`).exec(PAGE) ?? [];
  return table.split("\n").slice(2);
}

const REQUESTS: Readonly<Record<string, string>> = {
  readApplication: "GET application",
  updateApplication: "PATCH application",
  addPassword: "POST application/addPassword",
  removePassword: "POST application/removePassword",
  readSignIns: "GET reports/appCredentialSignInActivities",
};

describe("a whole life", () => {
  test("works with the permissions of the file, over applications that the client owns", async () => {
    const made = await granted(...ownedApplications, ...signInActivity);
    await live(made);
    expect(bench.warnings).toEqual([]);
    expect(made.application.passwords).toHaveLength(1);
  });

  test("works over any application with the permission for all of them", async () => {
    const made = await granted(...everyApplication, ...signInActivity);
    made.application.owners.clear();
    await live(made);
    expect(made.application.passwords).toHaveLength(1);
  });

  test("calls what the page lists, with what the page says that it needs", async () => {
    const made = await granted(...ownedApplications, ...signInActivity);
    const called = new Map<string, Set<string>>();
    let current = new Set<string>();
    const from = bench.service.calls.length;
    let seen = from;
    const collect = (): void => {
      for (const call of bench.service.calls.slice(seen)) {
        if (call !== "token") current.add(REQUESTS[call] ?? call);
      }
      seen = bench.service.calls.length;
    };
    await live(made, (operation) => {
      collect();
      current = new Set();
      called.set(operation, current);
    });
    collect();
    const rows = [...called].map(([operation, requests]) => {
      const needs = [...requests].map((request) =>
        request.includes("reports/") ? "signInActivity" : "ownedApplications",
      );
      const asked = requests.size === 0 ? "none at Graph" : [...requests].join(", ");
      return `| ${operation} | ${asked} | ${[...new Set(needs)].join(", ") || "none"} |`;
    });
    expect(rows).toEqual(tableOf("calls"));
  });

  test("without the permission, or without owning it, stops at the beginning and names what is missing", async () => {
    const without = await granted(...signInActivity);
    const notOwner = await granted(...ownedApplications, ...signInActivity);
    notOwner.application.owners.clear();
    for (const made of [without, notOwner]) {
      const failure = await failureOf(live(made));
      expect(failure).toMatchObject({ code: "permission-missing" });
      expect(failure.fix).toContain(ownedApplications[0]);
      expect(failure.fix).toContain("owner of the application");
      expect(made.application.passwords).toEqual([made.first]);
    }
  });

  test("without the right to read the report it goes on, and nothing can tell", async () => {
    const made = await granted(...ownedApplications);
    await live(made);
    expect(bench.warnings).toHaveLength(1);
    expect(bench.warnings[0]).toContain("read the report of sign-ins");
  });
});

test("the federated credential of the file lets in its repository and environment, and nobody else", async () => {
  const { issuer, subject, audiences } = JSON.parse(
    FEDERATED.replace("OWNER", "acme").replace("REPO", "credentials").replace("NAME", "rotation"),
  );
  const github = createIdentityProvider(issuer.replace("https://", ""));
  bench.service.trust(github);
  const made = await bench.orders();
  made.client.federated.push({ issuer, subject, audience: audiences[0] });
  const { secret: _, ...connection } = made.door.connection;
  const door = { connection: { ...connection, federated: true as const } };
  const signIn = async (sub: string, aud = audiences[0]): Promise<unknown> => {
    const token = github.token({ sub, aud }, new Date(bench.now * 1000));
    const variables = { AZURE_FEDERATED_TOKEN_FILE: "/run/token", "/run/token": token };
    return (await made.bind({ ...door, variables })).observe(soon());
  };
  expect(await signIn("repo:acme/credentials:environment:rotation")).toHaveLength(1);
  for (const other of [
    "repo:acme/credentials:environment:other",
    "repo:acme/credentials:ref:refs/heads/main",
    "repo:evil/credentials:environment:rotation",
  ]) {
    expect(await failureOf(signIn(other))).toMatchObject({ code: "federation-refused" });
  }
  expect(
    await failureOf(signIn("repo:acme/credentials:environment:rotation", "sts.amazonaws.com")),
  ).toMatchObject({ code: "federation-refused" });
});

test("the page shows both files as they stand", () => {
  expect(PAGE).toContain(`\`\`\`json\n${FILE}\`\`\``);
  expect(PAGE).toContain(`\`\`\`json\n${FEDERATED}\`\`\``);
});

test("the page explains every code that the rotator can end with", () => {
  const folder = "src/adapters/rotators/entra-application/";
  const files = readdirSync(new URL(folder, ROOT))
    .filter((file) => file.endsWith(".ts") && !file.endsWith("test.ts"))
    .map((file) => `${folder}${file}`);
  // With what every rotator says of marks, and what is said of a workflow's token.
  const all = [...files, "src/core/rotation/fence.ts", "src/adapters/clients/oauth/workflow-token.ts"];
  const codes = all.flatMap((file) => codesIn(textOf(file)));
  const explained = tableOf("codes").map((row) => /^\| `([a-z-]+)` \|/.exec(row)?.[1] ?? row);
  expect(explained.toSorted()).toEqual([...new Set(codes)].toSorted());
});

/** Codes of the errors that a module makes: arguments of their constructors, and fields of a verdict. */
function codesIn(text: string): readonly string[] {
  const patterns = [
    /EffectError\(\s*"(?:refused|unknown)",\s*"([a-z-]+)"/g,
    /CreError\(\s*"([a-z-]+)"/g,
    /isNew \? "([a-z-]+)"/g,
    /\bcode: "([a-z-]+)"/g,
  ];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, code = ""]) => code));
}
