import type { AddressInfo } from "node:net";
import { findMoto } from "../ladder.ts";
import {
  type AccessKey,
  type Account,
  type AwsEstate,
  accountOf,
  addKey,
  addUser,
  findIdentity,
  findKey,
  lastUse,
} from "./account.ts";
import type { AwsFault } from "./faults.ts";
import type { IdentityProvider } from "./identity-provider.ts";
import { startMotoServer } from "./moto.ts";
import { type PolicyDocument, parsePolicy } from "./policy.ts";
import { type AwsCallRecord, type AwsListener, AwsStandInServer } from "./stand-in.ts";

export interface AwsTestLogin {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** AWS as tests meet it: IAM, STS, Secrets Manager, SSM and ACM behind one endpoint, with signatures that count. */
export interface AwsTestService {
  readonly name: "stand-in" | "moto";
  readonly endpoint: string;
  readonly region: string;
  /** Id of the account that `admin` is in. */
  readonly account: string;
  /** A user who may do everything. */
  readonly admin: AwsTestLogin;
  close(): Promise<void>;
}

/** A key as the stand-in has it. */
export type StandInKey = Readonly<Omit<AccessKey, "notYet">>;

/** AWS of this repository, which can also be told to fail. */
export interface AwsStandIn extends AwsTestService {
  /** Every action that somebody who was signed in has asked for, in order. */
  readonly calls: readonly AwsCallRecord[];
  /**
   * The next `times` (default 1) requests for the action, named as in policies (`iam:CreateAccessKey`, `iam:*`), end so.
   * The SDK sends some of them again by itself. `after` so many requests pass before the first.
   */
  fail(action: string, how: AwsFault, times?: number, after?: number): void;
  /** From now on `hear` is told before and after each action happens; undefined: nobody is. */
  listen(hear: AwsListener | undefined): void;
  /** Forgets what `fail` has asked for and is not used up. */
  recover(): void;
  /** A key that is created from now on answers InvalidClientTokenId to its first `requests`. */
  usableAfter(requests: number): void;
  /** The key's last use becomes this one, as if somebody else had used it. */
  use(keyId: string, use: { readonly at: Date; readonly service: string; readonly region: string }): void;
  /** Keys of a user of `account`, oldest first; empty for a user who does not exist. */
  keys(user: string, account?: string): readonly StandInKey[];
  /** Makes a user of `account` with so many keys. */
  addUser(name: string, keys: number, account?: string): readonly StandInKey[];
  /** Gives a user or role, named by ARN, a policy besides those that it has. */
  attach(principal: string, policy: PolicyDocument): void;
  /** Takes from a user or role what `attach` gave. */
  detachAll(principal: string): void;
  /** An admin of another account, which is made if it did not exist. */
  adminOf(account: string): AwsTestLogin;
  /** Accepts tokens of this provider of OpenID Connect; what they may is said by the trust of roles. */
  trust(provider: IdentityProvider, account?: string): void;
  /** From now on the clients' clocks are so many seconds behind the service's (ahead: negative). */
  skew(seconds: number): void;
}

const REGION = "eu-central-1";
const ACCOUNT = "111122223333";
/** moto knows no other at first. */
const MOTO_ACCOUNT = "123456789012";
const EVERYTHING: PolicyDocument = {
  Version: "2012-10-17",
  Statement: { Effect: "Allow", Action: "*", Resource: "*" },
};

export interface AwsStandInOptions {
  readonly clock?: () => Date;
  /** What the admin signs in with; several stand-ins can have the same. */
  readonly admin?: AwsTestLogin;
}

/**
 * Starts the stand-in on 127.0.0.1. `clock` is the provider's time (of keys, uses, versions, sessions); signatures are
 * compared with the machine's, which clients sign with.
 */
export async function startAwsStandIn(options: AwsStandInOptions = {}): Promise<AwsStandIn> {
  const clock = options.clock ?? (() => new Date());
  const time = { clock, skewSeconds: 0 };
  const estate: AwsEstate = { accounts: new Map(), sessions: new Map(), newKeysRefuse: 0 };
  const server = new AwsStandInServer(estate, time);
  const listener = await server.listen();
  const { port } = listener.address() as AddressInfo;
  return {
    name: "stand-in",
    endpoint: `http://127.0.0.1:${port}`,
    region: REGION,
    account: ACCOUNT,
    admin: addAdmin(accountOf(estate, ACCOUNT), clock(), options.admin),
    calls: server.calls,
    fail: (action, how, times = 1, after = 0) => server.faults.plan(action, how, times, after),
    listen: (hear) => {
      server.listener = hear;
    },
    recover: () => server.faults.clear(),
    usableAfter: (requests) => {
      estate.newKeysRefuse = requests;
    },
    use: (keyId, { at, service, region }) => {
      const found = findKey(estate, keyId);
      if (found === undefined) throw new Error(`there is no key ${keyId}`);
      found.key.lastUsed = lastUse(at, service, region);
    },
    keys: (user, account = ACCOUNT) => accountOf(estate, account).users.get(user)?.keys ?? [],
    addUser: (name, keys, account = ACCOUNT) => {
      const user = addUser(accountOf(estate, account), name, clock());
      for (let made = 0; made < keys; made += 1) addKey(user, clock(), 0);
      return user.keys;
    },
    attach: (principal, policy) =>
      void identityOf(estate, principal).attached.push(parsePolicy(JSON.stringify(policy))),
    detachAll: (principal) => void identityOf(estate, principal).attached.splice(0),
    adminOf: (account) => addAdmin(accountOf(estate, account), clock()),
    trust: ({ host, publicKey }, account = ACCOUNT) =>
      void accountOf(estate, account).providers.set(host, publicKey),
    skew: (seconds) => {
      time.skewSeconds = seconds;
    },
    close: async () => {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

export interface AwsTestServiceChoice {
  readonly name: AwsTestService["name"];
  readonly start: () => Promise<AwsTestService>;
}

/** The services that this machine has, for `describe.each`: each test file starts its own. */
export function awsServices(): readonly AwsTestServiceChoice[] {
  const program = findMoto();
  return [
    { name: "stand-in", start: startAwsStandIn },
    ...(program === undefined ? [] : [{ name: "moto" as const, start: async () => startMoto(program) }]),
  ];
}

/** moto with signatures that count. It takes about a second. */
async function startMoto(program: string): Promise<AwsTestService> {
  const server = await startMotoServer(program, REGION);
  return { name: "moto", region: REGION, account: MOTO_ACCOUNT, ...server };
}

function addAdmin(account: Account, now: Date, login?: AwsTestLogin): AwsTestLogin {
  const admin = account.users.get("admin") ?? addUser(account, "admin", now);
  admin.attached.splice(0, Infinity, EVERYTHING);
  const key = admin.keys[0] ?? addKey(admin, now, 0);
  if (login !== undefined) Object.assign(key, { id: login.accessKeyId, secret: login.secretAccessKey });
  return { accessKeyId: key.id, secretAccessKey: key.secret };
}

function identityOf(estate: AwsEstate, arn: string): NonNullable<ReturnType<typeof findIdentity>> {
  const found = findIdentity(estate, arn);
  if (found === undefined) throw new Error(`there is no user or role ${arn}: name it by its ARN`);
  return found;
}
