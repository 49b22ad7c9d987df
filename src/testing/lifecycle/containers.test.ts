import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { composeVariables, givenPlaces, LIFECYCLE_CONTAINERS } from "./services/given-places.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const COMPOSE = readFileSync(join(ROOT, "docker-compose.test.yml"), "utf8");

interface Build {
  readonly context?: string;
  readonly target?: string;
  readonly dockerfile_inline?: string;
}

interface Service {
  readonly image?: string;
  readonly build?: string | Build;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: unknown;
  readonly "<<"?: object;
}

// `as`: our own file, whose parts these tests look at.
const FILE = load(COMPOSE) as { readonly services: Readonly<Record<string, Service>> };
const all = Object.entries(FILE.services).map(([name, service]): [string, Service] => {
  // YAML 1.2 has no merge keys; Compose does.
  const { "<<": merged = {}, ...own } = service;
  return [name, { ...merged, ...own }];
});
const services = Object.fromEntries(all);

describe("the compose file", () => {
  test("is valid by the schema of the Compose Specification", () => {
    const schema = readFileSync(new URL("./compose-spec.json", import.meta.url), "utf8");
    // The schema names its draft by https, which ajv knows by http.
    const validate = new Ajv({ strict: false, validateFormats: false }).compile({
      ...JSON.parse(schema),
      $schema: "http://json-schema.org/draft-07/schema#",
    });
    const valid = validate({ ...FILE, services: Object.fromEntries(all) });
    expect([valid, validate.errors ?? []]).toEqual([true, []]);
  });

  test("pins every image by a tag", () => {
    const images = all.flatMap(([, { image }]) => image ?? []);
    for (const image of images) expect(image).toMatch(/^[\w./-]+:\d[\w.-]*$/);
    const built = all.filter(([, { image, build }]) => (image === undefined) === (build !== undefined));
    expect(built).toHaveLength(all.length);
  });

  test("builds the others of folders that are there, with a Dockerfile and its stage", () => {
    const stages = new Set([...DOCKERFILE.matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, name]) => name));
    const wrong = all.filter(([, { build }]) => {
      if (build === undefined) return false;
      const {
        context = ".",
        target,
        dockerfile_inline: inline,
      } = typeof build === "string" ? { context: build } : build;
      const file = inline !== undefined || existsSync(join(ROOT, context, "Dockerfile"));
      return !file || (target !== undefined && !stages.has(target));
    });
    expect(wrong).toEqual([]);
  });

  test("mounts what the repository has, and beside it only the folders of results and of temporary files", () => {
    const mounted = all.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(":")[0] ?? ""),
    );
    for (const path of mounted.filter((one) => !one.startsWith("${"))) {
      expect([path, path.startsWith("./test-results/") || existsSync(join(ROOT, path))]).toEqual([
        path,
        true,
      ]);
    }
  });

  test("gives every port of this machine once, on loopback", () => {
    const ports = all.flatMap(([, service]) => service.ports ?? []);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    const outer = ports.map((port) => port.split(":")[1]);
    expect(new Set(outer).size).toBe(outer.length);
  });

  test("has every service of the story, at the addresses that the story reads", () => {
    for (const name of LIFECYCLE_CONTAINERS) expect(services).toHaveProperty(name);
    const places = givenPlaces(composeVariables(COMPOSE));
    expect(places?.ssh).toEqual({ host: "127.0.0.1", port: 55423 });
    expect(places?.acme.records).toBe("http://127.0.0.1:55602");
    expect(places?.postgresql.port).toBe(55417);
    expect(places?.consumer).toEqual({ web: "127.0.0.1:55800", tls: "127.0.0.1:55843" });
  });

  test("names the password and the client by which the story signs in", () => {
    const places = givenPlaces(composeVariables(COMPOSE));
    expect(COMPOSE).toContain(`POSTGRES_PASSWORD: ${places?.postgresql.password}`);
    expect(COMPOSE).toMatch(
      /KC_BOOTSTRAP_ADMIN_CLIENT_ID: boot\n +KC_BOOTSTRAP_ADMIN_CLIENT_SECRET: boot-of-a-test\n/,
    );
  });
});

describe("given services", () => {
  const variables = composeVariables(COMPOSE);

  test("are none by default, and all or none", () => {
    expect(givenPlaces({})).toBeUndefined();
    expect(() => givenPlaces({ ...variables, CRE_LIFECYCLE_SSH: "" })).toThrow("not by CRE_LIFECYCLE_SSH");
  });

  test("are of this machine only", () => {
    const away = { ...variables, CRE_LIFECYCLE_AWS: "aws.example.com:443" };
    expect(() => givenPlaces(away)).toThrow(
      "CRE_LIFECYCLE_AWS must have addresses host:port of this machine only",
    );
  });
});

const DOCKERFILE = readFileSync(join(ROOT, "Dockerfile"), "utf8");

describe("the Dockerfile", () => {
  const stages = DOCKERFILE.split(/^(?=FROM )/m).filter((text) => text.startsWith("FROM "));
  const runner = stages.at(-1) ?? "";

  test("takes its base from one image, pinned by a tag", () => {
    const bases = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base ?? "");
    const names = new Set([...DOCKERFILE.matchAll(/^FROM \S+ AS (\w+)$/gm)].map(([, name]) => name));
    const foreign = new Set(bases.filter((base) => !names.has(base)));
    expect([...foreign]).toEqual(["node:24-bookworm-slim"]);
  });

  test("ships the runner last, for a user who is nobody, with production's packages only", () => {
    expect(runner).toMatch(/^FROM node:24-bookworm-slim AS runner$/m);
    expect(runner).toMatch(/^USER node$/m);
    expect(runner).toContain("COPY --from=packages /opt/cre/node_modules node_modules");
    const packages = stages.find((text) => /AS packages$/m.test(text)) ?? "";
    expect(packages).toContain("npm ci --omit=dev --ignore-scripts");
    expect(runner).not.toMatch(/npm |^COPY \. /m);
    expect(runner).toMatch(/ git .*openssh-client|openssh-client.* git /);
  });

  test("copies what the repository has, and no secret is an argument or a variable", () => {
    const copied = [...DOCKERFILE.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = ""]) =>
      files.split(" "),
    );
    for (const path of copied) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    expect(DOCKERFILE).not.toMatch(/^ARG /m);
    expect(DOCKERFILE).not.toMatch(/^(ENV|RUN) .*(PASSWORD|SECRET|TOKEN|_KEY)/im);
  });

  test("leaves out of the build what must never be in an image", () => {
    const ignored = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
    for (const path of [".git", ".env", ".env.*", "node_modules", "test-results", "dist"]) {
      expect(ignored).toContain(path);
    }
  });
});
