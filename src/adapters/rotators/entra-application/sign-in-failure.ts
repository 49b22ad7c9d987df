import type { TokenRefused } from "../../clients/oauth/token-request.ts";

/** What a refused sign-in means, and what a person can do about it. */
export interface SignInVerdict {
  readonly code: string;
  /** After "the runner" or "the new client secret". */
  readonly says: string;
  readonly fix?: string;
  /** The same request may well succeed a little later. */
  readonly passes: boolean;
}

const CODES: Readonly<Record<string, Omit<SignInVerdict, "passes"> & { readonly passes?: true }>> = {
  AADSTS7000215: {
    code: "login-refused",
    says: "is refused: the client secret is not one of the application's",
    fix: "give the connection the value of a client secret, not its id; a new one takes some seconds to be known",
    passes: true,
  },
  AADSTS7000222: {
    code: "login-expired",
    says: "is refused: the client secret has expired",
    fix: "make a new client secret for the client of the connection, or let it sign in by `federated: true`",
    passes: true,
  },
  AADSTS700016: {
    code: "application-unknown",
    says: "is refused: the tenant knows no such application",
    fix: "check the connection's `tenant`, and that the application has a service principal (an enterprise application) there",
  },
  AADSTS7000229: {
    code: "application-unknown",
    says: "is refused: the application has no service principal in the tenant",
    fix: "make one: az ad sp create --id APPLICATION-ID",
  },
  AADSTS90002: {
    code: "tenant-unknown",
    says: "is refused: there is no such tenant",
    fix: "correct the connection's `tenant`, and its `authority` in a national cloud",
  },
  AADSTS900382: {
    code: "tenant-unknown",
    says: "is refused: the tenant is in another cloud",
    fix: "correct the connection's `authority` and `endpoint`: both must be of the tenant's cloud",
  },
  AADSTS7000112: {
    code: "application-disabled",
    says: "is refused: the application is disabled",
    fix: "find out who disabled it, and enable its service principal",
  },
  AADSTS53003: {
    code: "access-blocked",
    says: "is refused by a Conditional Access policy",
    fix: "let the policy for workload identities admit the runner's address",
  },
  AADSTS700213: {
    code: "federation-refused",
    says: "is refused: no federated credential of the client fits the workflow's token",
    fix: "compare subject, issuer and audience of the federated credential with the workflow: examples/entra has one",
  },
  AADSTS70021: {
    code: "federation-refused",
    says: "is refused: no federated credential of the client fits the workflow's token",
    fix: "compare subject, issuer and audience of the federated credential with the workflow: examples/entra has one",
  },
  AADSTS500011: {
    code: "scope-unknown",
    says: "is refused: the tenant does not know the resource of the scope",
    fix: "correct `scope`: an application's URI and `/.default`",
  },
  AADSTS90055: { code: "throttled", says: "is refused for now: too many requests", passes: true },
  invalid_client: {
    code: "login-refused",
    says: "is refused: the server does not know the client secret",
    passes: true,
  },
  "no-answer": {
    code: "unreachable",
    says: "cannot sign in: the authority does not answer",
    fix: "check the `authority` of the connection, and the network of the runner",
    passes: true,
  },
};

/** What a refusal of the authority means. */
export function signInVerdict({ code, status }: TokenRefused): SignInVerdict {
  const known = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  if (known !== undefined) return { passes: false, ...known };
  if (status === 429) {
    return { code: "throttled", says: "is refused for now: too many requests", passes: true };
  }
  const passes = status === undefined || status >= 500;
  return { code: "login-refused", says: "is refused by the authority", passes };
}
