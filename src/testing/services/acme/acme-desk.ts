import "reflect-metadata";
import { createHash, randomBytes } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { AccountBook, type AccountRules } from "./account-book.ts";
import { AcmeProblem } from "./acme-problem.ts";
import { type Answer, json, unauthorized } from "./answer.ts";
import { type CertificateAuthority, requestedNames } from "./authority.ts";
import {
  type AccountRecord,
  type AuthorizationRecord,
  type CertificateRecord,
  type OrderRecord,
  statusOf,
} from "./records.ts";
import { authorizationText, challengeText, orderText } from "./resource-text.ts";
import type { SignedRequest } from "./signed-request.ts";
import { type Sight, validate } from "./validation.ts";

interface DeskOptions extends AccountRules {
  readonly authority: CertificateAuthority;
  readonly sight: Sight;
  readonly clock: () => number;
  readonly caaIdentities?: readonly string[];
  readonly isPlain?: boolean;
  readonly validity?: number;
  readonly working?: number;
}

const PROFILES = { classic: "The profile of old", shortlived: "Valid for six days" };
const SIX_DAYS = 6 * 86_400;
const NINETY_DAYS = 90 * 86_400;

/** What an ACME server does with requests whose form is right. */
export class AcmeDesk {
  readonly orders: OrderRecord[] = [];
  readonly certificates: CertificateRecord[] = [];
  /** What it says of every certificate's renewal, in place of the last third of its life. */
  window: { readonly start: string; readonly end: string } | undefined;
  readonly #authorizations: AuthorizationRecord[] = [];
  readonly #options: DeskOptions;
  readonly #book: AccountBook;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#book = new AccountBook(options);
  }

  get accounts(): AccountRecord[] {
    return this.#book.accounts;
  }

  /** The name of a path for people: `newOrder`, `finalize`. */
  static labelOf(path: string): string {
    const [, first = "", id, more] = path.split("/");
    if (first === "order") return id === undefined ? "newOrder" : (more ?? "order");
    if (first === "account") return id === undefined ? "newAccount" : "account";
    return first;
  }

  get(base: string, path: string): Answer {
    const [, first, id = ""] = path.split("/");
    if (first === "dir") return json(200, this.#directory(base));
    if (first === "nonce") return { status: 204 };
    if (first === "renewal") return this.#renewal(id);
    throw new AcmeProblem(405, "malformed", "this takes signed requests");
  }

  async post(base: string, path: string, request: SignedRequest): Promise<Answer> {
    const [, first, id, more] = path.split("/");
    if (first === "account" && id === undefined) return this.#book.open(base, request);
    const account = this.#book.ownerOf(base, request);
    const { payload } = request;
    switch (first) {
      case "account":
        return json(200, { status: account.status });
      case "order":
        if (id === undefined) return this.#newOrder(base, account, payload ?? {});
        return this.#order(base, account, id, more, payload);
      case "authz":
        return json(200, authorizationText(base, this.#authorization(account, id)));
      case "challenge":
        return this.#challenge(base, this.#authorization(account, id), more ?? "");
      case "cert":
        return this.#certificate(base, account, id, more);
      case "revoke":
        return this.#revoke(account, payload ?? {});
      default:
        throw new AcmeProblem(404, "malformed", "there is no such thing");
    }
  }

  #directory(base: string): object {
    const { isPlain, termsOfService, externalAccounts, caaIdentities } = this.#options;
    return {
      newNonce: `${base}/nonce`,
      newAccount: `${base}/account`,
      newOrder: `${base}/order`,
      revokeCert: `${base}/revoke`,
      keyChange: `${base}/key-change`,
      ...(isPlain === true ? {} : { renewalInfo: `${base}/renewal` }),
      meta: {
        ...(termsOfService === undefined ? {} : { termsOfService }),
        ...(externalAccounts === undefined ? {} : { externalAccountRequired: true }),
        ...(caaIdentities === undefined ? {} : { caaIdentities }),
        ...(isPlain === true ? {} : { profiles: PROFILES }),
      },
    };
  }

  #newOrder(base: string, account: AccountRecord, payload: Readonly<Record<string, unknown>>): Answer {
    // `as`: written by acme-client.
    const names = (payload["identifiers"] as { value: string }[]).map(({ value }) => value);
    const { profile, replaces } = payload as { profile?: string; replaces?: string };
    const { isPlain, working = 0 } = this.#options;
    if (profile !== undefined && (isPlain === true || !Object.hasOwn(PROFILES, profile))) {
      throw new AcmeProblem(400, "invalidProfile", `there is no profile ${profile}`);
    }
    const refused = names.filter((name) => name.endsWith(".forbidden.example"));
    if (refused.length > 0) {
      throw new AcmeProblem(400, "rejectedIdentifier", "policy forbids issuing for some names", {
        subproblems: refused.map((value) => ({
          type: "urn:ietf:params:acme:error:rejectedIdentifier",
          detail: "policy forbids it",
          identifier: { type: "dns", value },
        })),
      });
    }
    if (replaces !== undefined) this.#checkReplaced(account, replaces);
    const authorizations = names.map((name): AuthorizationRecord => {
      return {
        id: idOf(),
        account,
        name: name.replace(/^\*\./, ""),
        wildcard: name.startsWith("*."),
        token: idOf(),
        status: "pending",
      };
    });
    this.#authorizations.push(...authorizations);
    const expires = new Date(this.#options.clock() + 7 * 86_400_000);
    const order: OrderRecord = {
      id: idOf(),
      account,
      names,
      authorizations,
      profile,
      replaces,
      expires,
      working,
    };
    this.orders.push(order);
    return json(201, orderText(base, order), { Location: `${base}/order/${order.id}` });
  }

  #checkReplaced(account: AccountRecord, renewalId: string): void {
    const known = this.certificates.find((one) => one.renewalId === renewalId);
    if (known === undefined) {
      throw new AcmeProblem(400, "malformed", "parsing ARI CertID failed: no known issuer");
    }
    if (known.account !== account) throw unauthorized("the certificate is another account's");
    if (this.orders.some((order) => order.replaces === renewalId && statusOf(order) !== "invalid")) {
      throw new AcmeProblem(409, "alreadyReplaced", "an order replaces this certificate already");
    }
  }

  async #order(
    base: string,
    account: AccountRecord,
    id: string,
    more: string | undefined,
    payload: Readonly<Record<string, unknown>> | undefined,
  ): Promise<Answer> {
    const order = this.orders.find((one) => one.id === id);
    if (order === undefined) throw new AcmeProblem(404, "malformed", "there is no such order");
    if (order.account !== account) throw unauthorized("the order is another account's");
    if (more === "finalize") await this.#finalize(order, String(payload?.["csr"]));
    else if (order.working > 0 && order.certificate !== undefined) order.working -= 1;
    return json(200, orderText(base, order));
  }

  async #finalize(order: OrderRecord, csr: string): Promise<void> {
    if (statusOf(order) !== "ready") {
      throw new AcmeProblem(403, "orderNotReady", `the order is ${statusOf(order)}`);
    }
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(csr, "base64url"));
    const asked = requestedNames(request).map(({ value }) => value);
    const same = asked.toSorted().join() === order.names.toSorted().join();
    if (!(await request.verify()) || !same) {
      throw new AcmeProblem(400, "badCSR", "it is not for the names of the order");
    }
    const { clock, validity, authority } = this.#options;
    const seconds = order.profile === "shortlived" ? SIX_DAYS : (validity ?? NINETY_DAYS);
    const from = new Date(Math.floor(clock() / 1000) * 1000 - 3_600_000);
    const until = new Date(from.getTime() + seconds * 1000 - 1000);
    const issued = await authority.issue(request, from, until);
    order.certificate = {
      ...issued,
      id: idOf(),
      account: order.account,
      names: order.names,
      renewalId: renewalIdOf(issued.leaf),
      notBefore: from,
      notAfter: until,
    };
    this.certificates.push(order.certificate);
  }

  #authorization(account: AccountRecord, id: string | undefined): AuthorizationRecord {
    const found = this.#authorizations.find((one) => one.id === id);
    if (found === undefined) throw new AcmeProblem(404, "malformed", "there is no such authorization");
    if (found.account !== account) throw unauthorized("the authorization is another account's");
    return found;
  }

  #challenge(base: string, authorization: AuthorizationRecord, type: string): Answer {
    if (authorization.status === "pending" && authorization.chosen === undefined) {
      const chosen: NonNullable<AuthorizationRecord["chosen"]> = { type, status: "processing" };
      authorization.chosen = chosen;
      void validate(authorization, type, this.#options.sight).then((error) => {
        chosen.status = error === undefined ? "valid" : "invalid";
        if (error !== undefined) chosen.error = error;
        authorization.status = chosen.status;
      });
    }
    return json(200, challengeText(base, authorization, type));
  }

  #certificate(
    base: string,
    account: AccountRecord,
    id: string | undefined,
    more: string | undefined,
  ): Answer {
    const found = this.certificates.find((one) => one.id === id);
    if (found === undefined) throw new AcmeProblem(404, "malformed", "there is no such certificate");
    if (found.account !== account) throw unauthorized("the certificate is another account's");
    const [first, second] = found.chains;
    return {
      status: 200,
      type: "application/pem-certificate-chain",
      headers: { Link: [`<${base}/dir>;rel="index"`, `<${base}/cert/${id}/1>;rel="alternate"`] },
      body: more === "1" ? second : first,
    };
  }

  #revoke(account: AccountRecord, { certificate, reason }: Readonly<Record<string, unknown>>): Answer {
    const der = Buffer.from(String(certificate), "base64url");
    const found = this.certificates.find((one) => Buffer.from(one.leaf.rawData).equals(der));
    if (found === undefined) throw new AcmeProblem(404, "malformed", "there is no such certificate");
    const proven = (name: string): boolean =>
      this.#authorizations.some(
        (one) => one.account === account && one.status === "valid" && one.name === name,
      );
    if (found.account !== account && !found.names.every(proven)) {
      throw unauthorized("it is another account's certificate");
    }
    if (found.revoked !== undefined) throw new AcmeProblem(400, "alreadyRevoked", "it is revoked already");
    found.revoked = typeof reason === "number" ? reason : 0;
    return { status: 200 };
  }

  #renewal(id: string): Answer {
    const found = this.certificates.find((one) => one.renewalId === id);
    if (found === undefined || this.#options.isPlain === true) {
      throw new AcmeProblem(404, "malformed", "there is no such certificate");
    }
    const [from, until] = [found.notBefore.getTime(), found.notAfter.getTime()];
    const at = from + ((until - from) * 2) / 3;
    const suggestedWindow = this.window ?? {
      start: new Date(at).toISOString(),
      end: new Date(at + 2 * 86_400_000).toISOString(),
    };
    return json(200, { suggestedWindow }, { "Retry-After": "21600" });
  }
}

function renewalIdOf(leaf: x509.X509Certificate): string {
  const authority = leaf.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId ?? "";
  return [authority, leaf.serialNumber].map((hex) => Buffer.from(hex, "hex").toString("base64url")).join(".");
}

function idOf(): string {
  return createHash("sha256").update(randomBytes(16)).digest("base64url").slice(0, 24);
}
