import { addressesIn } from "../../discovery/address-range.ts";
import type { ConnectionKind } from "../connection.ts";
import type { DiscoveryEntry } from "../discovery.ts";
import type { Sourced } from "../kinds.ts";
import type { Settings } from "../settings.ts";
import type { CheckInput, Fault, FieldPath } from "./fault.ts";
import { shown } from "./shown.ts";
import { unknownName } from "./unknown-name.ts";

/** A connection that a source names, where, and of which kind it must be. */
interface Use {
  readonly path: FieldPath;
  readonly name: string;
  readonly kind: ConnectionKind;
  /** Of an inventory: hosts are named there. */
  readonly namesHost: boolean;
}

const ENDPOINT = /^(\[[0-9A-Fa-f:.]+\]|[^\s/@:[\]]+):(\d{1,5})$/;

/** Sources of discovery have names of their own, and name connections, ranges and files that can be looked at. */
export function discoveryFaults(source: Sourced<Settings>, input: CheckInput): Fault[] {
  const seen = new Set<string>();
  return (source.document.spec.discovery ?? []).flatMap((entry, index) => {
    const path: FieldPath = ["spec", "discovery", index];
    const isTwice = seen.has(entry.name);
    seen.add(entry.name);
    return [
      isTwice ? [nameTwice(source, path.concat("name"), entry.name)] : [],
      usesOf(entry, path).flatMap((use) => useFaults(source, use, input)),
      tlsFaults(source, entry, path.concat("tls")),
    ].flat();
  });
}

function usesOf(entry: DiscoveryEntry, path: FieldPath): readonly Use[] {
  const uses: Use[] = [];
  const add = (at: FieldPath, name: string | undefined, kind: ConnectionKind, namesHost = true): void => {
    if (name !== undefined) uses.push({ path: [...path, ...at], name, kind, namesHost });
  };
  for (const [key, kind] of [
    ["aws-iam", "aws"],
    ["postgresql", "postgresql"],
  ] as const) {
    add([key, "connection"], entry[key]?.connection, kind);
    for (const [at, name] of (entry[key]?.connections ?? []).entries()) {
      add([key, "connections", at], name, kind);
    }
  }
  const { "authorized-keys": ssh, kubernetes, github } = entry;
  for (const [at, name] of (ssh?.connections ?? []).entries()) {
    add(["authorized-keys", "connections", at], name, "ssh");
  }
  add(["authorized-keys", "inventory", "connection"], ssh?.inventory?.connection, "ssh", false);
  add(["kubernetes", "connection"], kubernetes?.connection, "kubernetes");
  add(["github", "connection"], github?.connection, "github");
  return uses;
}

function useFaults(source: Sourced, { path, name, kind, namesHost }: Use, input: CheckInput): Fault[] {
  const { connections } = input.documents;
  const target = connections.get(name);
  if (target === undefined) {
    return input.isInvalid("Connection", name)
      ? []
      : unknownName(source, path, "connection", name, [...connections.keys()]);
  }
  const { spec } = target.document;
  if (spec[kind] === undefined) {
    const message = `the connection ${shown(name)} is not of kind ${kind}`;
    return [
      { source, path, code: "connection-wrong-kind", message, fix: `name a connection of kind ${kind}` },
    ];
  }
  if (kind === "postgresql" && spec.postgresql?.admin === undefined) {
    return [
      {
        source,
        path,
        code: "connection-without-admin",
        message: `the connection ${shown(name)} has no login, so its roles cannot be looked at`,
        fix: "add `admin` to the connection (a login that may only read is enough), or name another one",
      },
    ];
  }
  if (kind === "ssh" && namesHost && spec.ssh?.host === undefined) {
    return [
      {
        source,
        path,
        code: "connection-without-host",
        message: `the connection ${shown(name)} names no host`,
        fix: "give it `host`, or use it in `inventory`",
      },
    ];
  }
  return [];
}

function tlsFaults(source: Sourced, { tls }: DiscoveryEntry, path: FieldPath): Fault[] {
  const { endpoints = [], ranges = [] } = tls ?? {};
  return [
    ...endpoints.flatMap((endpoint, at): Fault[] => {
      const port = Number(ENDPOINT.exec(endpoint)?.[2]);
      if (port >= 1 && port <= 65_535) return [];
      return [
        {
          source,
          path: [...path, "endpoints", at],
          code: "endpoint-invalid",
          message: `${shown(endpoint)} is no endpoint`,
          fix: "write `host:port`, such as www.example.com:443",
        },
      ];
    }),
    ...ranges.flatMap(({ cidr }, at): Fault[] => {
      const addresses = addressesIn(cidr);
      if (typeof addresses !== "string") return [];
      return [
        {
          source,
          path: [...path, "ranges", at, "cidr"],
          code: "range-invalid",
          message: `${shown(cidr)} ${addresses}`,
          fix: "write a range such as 10.20.0.0/22, of 4096 addresses at most",
        },
      ];
    }),
  ];
}

function nameTwice(source: Sourced, path: FieldPath, name: string): Fault {
  return {
    source,
    path,
    code: "discovery-name-twice",
    message: `two sources have the name ${shown(name)}`,
    fix: "give one of them another name",
  };
}
