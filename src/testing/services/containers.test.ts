import { readFileSync } from "node:fs";
import { load } from "js-yaml";
import { expect, test } from "vitest";
import { containerVariables } from "./containers.ts";
import { externalPostgres } from "./external-servers.ts";

const text = readFileSync(new URL("../../../docker-compose.test.yml", import.meta.url), "utf8");
const { services } = load(text) as {
  services: Record<string, { image?: string; ports?: string[]; healthcheck?: unknown; "<<"?: object }>;
};

test("every service of the compose file that listens says when it is ready, and listens on loopback only", () => {
  const listening = Object.values(services).filter(({ ports = [] }) => ports.length > 0);
  for (const service of listening) {
    expect({ ...service["<<"], ...service }).toHaveProperty("healthcheck");
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  }
});

test("the compose file has every supported version of PostgreSQL, each under its own port", () => {
  const images = Object.values(services).flatMap(({ image = "" }) =>
    image.startsWith("postgres:") ? image : [],
  );
  expect(images).toEqual(["postgres:15", "postgres:16", "postgres:17", "postgres:18"]);
  const servers = externalPostgres(containerVariables(text));
  expect(new Set(servers.map(({ name }) => name)).size).toBe(images.length);
});

test("the variables that the compose file's comment gives are those that the tests use", () => {
  const variables = containerVariables(text);
  const ports = externalPostgres(variables).map(({ name }) => name.split(":")[1]);
  expect(text).toContain(`for p in ${ports.join(" ")};`);
  expect(text).toContain(`CRE_TEST_GIT_SSH=${variables["CRE_TEST_GIT_SSH"]} `);
  for (const name of Object.keys(variables)) expect(text).toContain(`${name}=`);
});
