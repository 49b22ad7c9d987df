import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  forceViolations,
  purityViolations,
  revealViolations,
  shapeViolations,
  stateViolations,
} from "./conventions.ts";
import { cycleViolations, layerViolations, type Violation } from "./layers.ts";
import { readModule } from "./module-text.ts";

/** The only product files that may turn a `Secret` into text. Each must be looked at when it is put here. */
const MAY_REVEAL = [
  "src/adapters/channels/pagerduty/channel.ts",
  "src/adapters/channels/slack/channel.ts",
  "src/adapters/channels/smtp/transport.ts",
  "src/adapters/clients/aws/credentials.ts",
  "src/adapters/clients/github/octokit.ts",
  "src/adapters/clients/http/server-words.ts",
  "src/adapters/clients/notices/notice-peer.ts",
  "src/adapters/clients/oauth/introspection.ts",
  "src/adapters/clients/oauth/token-request.ts",
  "src/adapters/clients/oauth/workflow-token.ts",
  "src/adapters/clients/signed-http/signature.ts",
  "src/adapters/clients/ssh/session.ts",
  "src/adapters/clients/staged-messages/message.ts",
  "src/adapters/deliveries/aws-acm/key-pair.ts",
  "src/adapters/deliveries/aws-secrets-manager/secret-json.ts",
  "src/adapters/deliveries/aws-secrets-manager/target.ts",
  "src/adapters/deliveries/aws-ssm/parameter.ts",
  "src/adapters/deliveries/env-file/env-value.ts",
  "src/adapters/deliveries/github-secret/seal.ts",
  "src/adapters/clients/kubernetes/api-client.ts",
  "src/adapters/deliveries/kubernetes-secret/apply-text.ts",
  "src/adapters/heartbeat/heartbeat.ts",
  "src/adapters/rotators/acme/ca.ts",
  "src/adapters/rotators/acme/verify.ts",
  "src/adapters/rotators/aws-iam/verify.ts",
  "src/adapters/rotators/authorized-keys/key-pair.ts",
  "src/adapters/rotators/external/known-parts.ts",
  "src/adapters/rotators/keycloak-client/secret-text.ts",
  "src/adapters/rotators/postgresql/effect.ts",
  "src/adapters/rotators/postgresql/parts.ts",
  "src/adapters/rotators/postgresql/scram.ts",
  "src/adapters/clients/postgresql/session.ts",
  "src/adapters/runtime/hash.ts",
  "src/adapters/runtime/redactor.ts",
  "src/app/acting/value-parts.ts",
  "src/app/looking/compare-value.ts",
  "src/app/tagging.ts",
  "src/core/delivery/render-values.ts",
];

const root = new URL("../../../", import.meta.url);
const modules = ["src", "examples"]
  .flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" }).map(
      (name) => `${folder}/${name}`,
    ),
  )
  .filter((path) => path.endsWith(".ts"))
  .toSorted()
  .map((path) => readModule(path, readFileSync(new URL(path, root), "utf8")));

function listed(violations: readonly Violation[]): string[] {
  return violations.map(({ rule, path, line, message }) => `${path}:${line}: ${rule}: ${message}`);
}

test("the files of the project are found", () => {
  expect(modules.length).toBeGreaterThan(40);
});

test("layers see only what the design lets them see", () => {
  expect(listed(layerViolations(modules))).toEqual([]);
});

test("no modules import each other in a circle", () => {
  expect(listed(cycleViolations(modules))).toEqual([]);
});

test("every file is short, named for its concept, and exports by name what it defines", () => {
  expect(listed(shapeViolations(modules))).toEqual([]);
});

test("no module has state, and no test replaces a module", () => {
  expect(listed(stateViolations(modules))).toEqual([]);
});

test("core and runner use no clock, randomness or process of their own", () => {
  expect(listed(purityViolations(modules))).toEqual([]);
});

test("only the listed files turn a secret into text", () => {
  expect(listed(revealViolations(modules, MAY_REVEAL))).toEqual([]);
});

test("nothing can force a push or delete a branch", () => {
  expect(listed(forceViolations(modules))).toEqual([]);
});
