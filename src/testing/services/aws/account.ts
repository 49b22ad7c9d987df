import { type KeyObject, randomBytes, randomInt } from "node:crypto";
import { noSuchEntity } from "./aws-error.ts";
import type { PolicyDocument } from "./policy.ts";
import type { Parameter } from "./ssm-parameter.ts";
import type { StoredCertificate } from "./stored-certificate.ts";
import type { StoredSecret } from "./stored-secret.ts";

export interface LastUse {
  readonly at: Date;
  /** As the credential scope of the signature named them. */
  readonly service: string;
  readonly region: string;
}

export interface AccessKey {
  readonly id: string;
  readonly secret: string;
  readonly createdAt: Date;
  status: "Active" | "Inactive";
  lastUsed?: LastUse;
  /** So many requests more are answered as if the key did not exist yet. */
  notYet: number;
}

/** A user or a role: what policies can be attached to. */
interface Identity {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly tags: Map<string, string>;
  readonly inline: Map<string, PolicyDocument>;
  readonly attached: PolicyDocument[];
}

export interface User extends Identity {
  /** `/`, or `/rotated/`: part of the ARN. */
  readonly path: string;
  /** ARN of its permissions boundary. It is only known here, for conditions: no decision is bounded by it. */
  readonly boundary: string | undefined;
  readonly keys: AccessKey[];
  /** Of the web console, where the user has one. */
  console?: { readonly changedAt: Date; readonly usedAt?: Date; readonly secondFactor: boolean };
}

export interface Role extends Identity {
  trust: PolicyDocument;
}

export interface Account {
  readonly id: string;
  readonly users: Map<string, User>;
  /** The credential report as it was made, which is kept for hours. */
  report?: string;
  readonly roles: Map<string, Role>;
  /** Keys of providers of OpenID Connect, by host. */
  readonly providers: Map<string, KeyObject>;
  /** By ARN. */
  readonly secrets: Map<string, StoredSecret>;
  /** By ARN. */
  readonly parameters: Map<string, Parameter>;
  /** By ARN. */
  readonly certificates: Map<string, StoredCertificate>;
}

export interface Session {
  readonly id: string;
  readonly secret: string;
  readonly token: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly of:
    | { readonly kind: "user"; readonly user: User }
    | { readonly kind: "role"; readonly role: Role; readonly name: string };
  readonly account: Account;
}

/** Everything the stand-in knows, of all accounts. */
export interface AwsEstate {
  readonly accounts: Map<string, Account>;
  /** By access key id. */
  readonly sessions: Map<string, Session>;
  /** How many requests a key refuses that is created now. */
  newKeysRefuse: number;
}

/** The account, empty if it was not known yet. */
export function accountOf(estate: AwsEstate, id: string): Account {
  const known = estate.accounts.get(id);
  if (known !== undefined) return known;
  const account: Account = {
    id,
    users: new Map(),
    roles: new Map(),
    providers: new Map(),
    secrets: new Map(),
    parameters: new Map(),
    certificates: new Map(),
  };
  estate.accounts.set(id, account);
  return account;
}

/** @throws AwsError NoSuchEntity. */
export function userOf(account: Account, name: string): User {
  const user = account.users.get(name);
  if (user === undefined) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return user;
}

/** @throws AwsError NoSuchEntity. */
export function roleOf(account: Account, name: string): Role {
  const role = account.roles.get(name);
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

export function addUser(
  account: Account,
  name: string,
  now: Date,
  { path = "/", boundary }: { readonly path?: string; readonly boundary?: string | undefined } = {},
): User {
  const identity = newIdentity(account, "user", "AIDA", name, now);
  const user: User = { ...identity, arn: userArn(account, name, path), path, boundary, keys: [] };
  account.users.set(name, user);
  return user;
}

export function userArn({ id }: Account, name: string, path = "/"): string {
  return `arn:aws:iam::${id}:user${path}${name}`;
}

export function addRole(account: Account, name: string, trust: PolicyDocument, now: Date): Role {
  const role: Role = { ...newIdentity(account, "role", "AROA", name, now), trust };
  account.roles.set(name, role);
  return role;
}

export function addKey(user: User, now: Date, notYet: number): AccessKey {
  const key: AccessKey = {
    id: identifier("AKIA"),
    secret: secretKey(),
    status: "Active",
    createdAt: wholeSeconds(now),
    notYet,
  };
  user.keys.push(key);
  return key;
}

/** The key with this id and its user, in any account. */
export function findKey(
  estate: AwsEstate,
  id: string,
): { readonly account: Account; readonly user: User; readonly key: AccessKey } | undefined {
  for (const account of estate.accounts.values()) {
    for (const user of account.users.values()) {
      const key = user.keys.find((candidate) => candidate.id === id);
      if (key !== undefined) return { account, user, key };
    }
  }
  return undefined;
}

/** The user or role with this ARN, in any account. */
export function findIdentity(estate: AwsEstate, arn: string): User | Role | undefined {
  for (const { users, roles } of estate.accounts.values()) {
    for (const named of [users, roles]) {
      for (const identity of named.values()) if (identity.arn === arn) return identity;
    }
  }
  return undefined;
}

/** The last use as AWS shows it: of the minute, not of the second. */
export function lastUse(at: Date, service: string, region: string): LastUse {
  return { at: new Date(Math.floor(at.getTime() / 60_000) * 60_000), service, region };
}

/** `AKIA…`, `AIDA…` and so on: 20 characters. */
export function identifier(prefix: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return prefix + Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** 40 characters, as AWS makes them. */
export function secretKey(): string {
  return randomBytes(30).toString("base64");
}

export function wholeSeconds(at: Date): Date {
  return new Date(Math.floor(at.getTime() / 1000) * 1000);
}

function newIdentity(
  account: Account,
  kind: "user" | "role",
  prefix: string,
  name: string,
  now: Date,
): Identity {
  return {
    name,
    id: identifier(prefix),
    arn: `arn:aws:iam::${account.id}:${kind}/${name}`,
    createdAt: wholeSeconds(now),
    tags: new Map(),
    inline: new Map(),
    attached: [],
  };
}
