import { randomBytes } from "node:crypto";
import { AcmeProblem } from "./acme-problem.ts";
import { type Answer, json, unauthorized } from "./answer.ts";
import type { AccountRecord } from "./records.ts";
import { isBoundBy, keyIdOf, type SignedRequest, thumbprint } from "./signed-request.ts";

export interface AccountRules {
  readonly externalAccounts?: Readonly<Record<string, string>>;
  readonly termsOfService?: string;
}

/** The accounts of an ACME server, and who may have one. */
export class AccountBook {
  readonly accounts: AccountRecord[] = [];
  readonly #options: AccountRules;

  constructor(rules: AccountRules) {
    this.#options = rules;
  }

  /** newAccount (RFC 8555 7.3). */
  open(base: string, request: SignedRequest): Answer {
    const { jwk } = request.protected;
    const { payload = {} } = request;
    if (jwk === undefined || !request.isSignedBy(jwk)) throw unauthorized("the signature is not by the key");
    const location = (account: AccountRecord) => ({ Location: `${base}/account/${account.id}` });
    const known = this.accounts.find((one) => thumbprint(one.jwk) === thumbprint(jwk));
    if (known !== undefined) return json(200, { status: known.status }, location(known));
    if (payload["onlyReturnExisting"] === true) {
      throw new AcmeProblem(400, "accountDoesNotExist", "no account has this key");
    }
    const { termsOfService, externalAccounts } = this.#options;
    if (termsOfService !== undefined && payload["termsOfServiceAgreed"] !== true) {
      throw new AcmeProblem(403, "userActionRequired", `the terms must be agreed to: ${termsOfService}`);
    }
    if (externalAccounts !== undefined) {
      this.#checkBinding(externalAccounts, payload["externalAccountBinding"], jwk);
    }
    const made: AccountRecord = { id: randomBytes(9).toString("base64url"), jwk, status: "valid" };
    this.accounts.push(made);
    return json(201, { status: "valid" }, location(made));
  }

  #checkBinding(keys: Readonly<Record<string, string>>, binding: unknown, jwk: AccountRecord["jwk"]): void {
    if (binding === undefined) throw new AcmeProblem(400, "externalAccountRequired", "a binding is required");
    const key = keys[keyIdOf(binding)];
    if (key === undefined || !isBoundBy(binding, key, jwk)) {
      throw unauthorized("the external account is not known");
    }
  }

  /** Whose request this is; an AcmeProblem where it is nobody's. */
  ownerOf(base: string, request: SignedRequest): AccountRecord {
    const { kid } = request.protected;
    const account = this.accounts.find(({ id }) => kid === `${base}/account/${id}`);
    if (account === undefined) throw new AcmeProblem(400, "accountDoesNotExist", "no such account");
    if (!request.isSignedBy(account.jwk)) throw unauthorized("the signature is not by the account's key");
    if (account.status !== "valid") throw unauthorized(`the account is ${account.status}`);
    return account;
  }
}
