import { resolve } from "node:path";
import { load } from "js-yaml";

/** Where the services are that somebody else started. */
export interface GivenPlaces {
  readonly postgresql: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
  };
  readonly aws: string;
  readonly acme: { readonly directory: string; readonly management: string; readonly records: string };
  readonly ssh: { readonly host: string; readonly port: number };
  readonly keycloak: string;
  /** Where it takes mail, and where it shows it. */
  readonly mail: { readonly host: string; readonly port: number; readonly web: string };
  readonly consumer: { readonly web: string; readonly tls: string };
  /** The folder that the services share with the story: keys, and the clock. */
  readonly shared: string;
}

/** The services of `docker-compose.test.yml` that the story needs. */
export const LIFECYCLE_CONTAINERS: readonly string[] = [
  "postgresql-17",
  "aws",
  "acme",
  "openssh",
  "keycloak",
  "mail",
  "consumer",
];

/** Variables of the story, each with addresses `host:port` of this machine by commas, and the container that has them. */
const LIFECYCLE_VARIABLES: Readonly<Record<string, string>> = {
  CRE_LIFECYCLE_POSTGRESQL: "postgresql-17",
  CRE_LIFECYCLE_AWS: "aws",
  CRE_LIFECYCLE_ACME: "acme",
  CRE_LIFECYCLE_SSH: "openssh",
  CRE_LIFECYCLE_KEYCLOAK: "keycloak",
  CRE_LIFECYCLE_MAIL: "mail",
  CRE_LIFECYCLE_CONSUMER: "consumer",
};

const SHARED = "CRE_LIFECYCLE_SHARED";
const OURS = /^(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/;

/** What these variables must be for the services of a compose file. */
export function composeVariables(composeFile: string): Readonly<Record<string, string>> {
  // `as`: our own file, whose test looks at these parts.
  const { services } = load(composeFile) as {
    services: Readonly<Record<string, { readonly ports?: readonly string[] }>>;
  };
  const variables = Object.entries(LIFECYCLE_VARIABLES).map(([variable, name]) => {
    const ports = services[name]?.ports ?? [];
    return [variable, ports.map((port) => port.replace(/:\d+$/, "")).join(",")] as const;
  });
  return { ...Object.fromEntries(variables), [SHARED]: "test-results/lifecycle-shared" };
}

/**
 * Where the variables say that services are; undefined when none of them is set. A story makes and ends logins at all of
 * them: only those of this machine are taken, and only all or none.
 */
export function givenPlaces(env: Readonly<Record<string, string | undefined>>): GivenPlaces | undefined {
  const names = [...Object.keys(LIFECYCLE_VARIABLES), SHARED];
  const missing = names.filter((name) => (env[name] ?? "") === "");
  if (missing.length === names.length) return undefined;
  if (missing.length > 0) throw new Error(`services are given, but not by ${missing.join(", ")}`);
  const addresses = (name: string, count: number): readonly string[] => {
    const found = (env[name] ?? "").split(",");
    if (found.length !== count) throw new Error(`${name} must have ${count} addresses`);
    for (const address of found) {
      if (!OURS.test(address)) throw new Error(`${name} must have addresses host:port of this machine only`);
    }
    return found;
  };
  const address = (name: string): string => addresses(name, 1)[0] ?? "";
  const [directory = "", management = "", records = ""] = addresses("CRE_LIFECYCLE_ACME", 3);
  const [smtp = "", mailWeb = ""] = addresses("CRE_LIFECYCLE_MAIL", 2);
  const [web = "", tls = ""] = addresses("CRE_LIFECYCLE_CONSUMER", 2);
  return {
    postgresql: {
      ...hostAndPort(address("CRE_LIFECYCLE_POSTGRESQL")),
      user: "postgres",
      password: "superuser-of-a-test",
    },
    aws: `http://${address("CRE_LIFECYCLE_AWS")}`,
    acme: {
      directory: `https://${directory}/dir`,
      management: `https://${management}`,
      records: `http://${records}`,
    },
    ssh: hostAndPort(address("CRE_LIFECYCLE_SSH")),
    keycloak: `http://${address("CRE_LIFECYCLE_KEYCLOAK")}`,
    mail: { ...hostAndPort(smtp), web: mailWeb },
    consumer: { web, tls },
    shared: resolve(env[SHARED] ?? ""),
  };
}

function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}
