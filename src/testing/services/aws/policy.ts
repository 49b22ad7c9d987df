import { AwsError } from "./aws-error.ts";

type OneOrMany<T> = T | readonly T[];
type Conditions = Readonly<Record<string, Readonly<Record<string, OneOrMany<string | boolean>>>>>;

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: OneOrMany<string>;
  readonly NotAction?: OneOrMany<string>;
  readonly Resource?: OneOrMany<string>;
  readonly NotResource?: OneOrMany<string>;
  readonly Principal?: "*" | Readonly<Record<string, OneOrMany<string>>>;
  readonly Condition?: Conditions;
}

/** A policy as IAM takes it. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: OneOrMany<PolicyStatement>;
}

/** What is known about a request, by condition key such as `aws:username`. */
export type PolicyContext = Readonly<Record<string, OneOrMany<string>>>;

export interface PolicyQuestion {
  /** `iam:CreateAccessKey`. */
  readonly action: string;
  readonly resource: string;
  readonly context: PolicyContext;
}

export type PolicyDecision = "allowed" | "not-allowed" | "denied";

interface Operator {
  readonly test: (actual: string, wanted: string) => boolean;
  /** True for all of the values that are named, not for one of them: the negated operators. */
  readonly negated?: boolean;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { test: (actual, wanted) => actual === wanted },
  StringNotEquals: { test: (actual, wanted) => actual !== wanted, negated: true },
  StringLike: { test: (actual, wanted) => like(wanted, actual) },
  StringNotLike: { test: (actual, wanted) => !like(wanted, actual), negated: true },
  ArnEquals: { test: (actual, wanted) => like(wanted, actual) },
  ArnLike: { test: (actual, wanted) => like(wanted, actual) },
  ArnNotLike: { test: (actual, wanted) => !like(wanted, actual), negated: true },
  Bool: { test: (actual, wanted) => actual.toLowerCase() === wanted.toLowerCase() },
  DateLessThan: { test: (actual, wanted) => Date.parse(actual) < Date.parse(wanted) },
  DateGreaterThan: { test: (actual, wanted) => Date.parse(actual) > Date.parse(wanted) },
};

/**
 * The policy of a JSON text. Also refuses what {@link decide} does not understand, so that no test passes because a
 * condition was not looked at.
 *
 * @throws AwsError MalformedPolicyDocument.
 */
export function parsePolicy(text: string): PolicyDocument {
  let policy: PolicyDocument;
  try {
    policy = JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  if (typeof policy !== "object" || policy === null || policy.Statement === undefined) {
    throw malformed("Syntax errors in policy.");
  }
  for (const statement of statementsOf(policy)) {
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
      throw malformed("Syntax errors in policy.");
    }
    if (statement.Action === undefined && statement.NotAction === undefined) {
      throw malformed("Policy statement must contain actions.");
    }
    for (const name of Object.keys(statement.Condition ?? {})) {
      if (name !== "Null" && OPERATORS[operatorOf(name).base] === undefined) {
        throw malformed(`Invalid Condition type : ${name}.`);
      }
    }
  }
  return policy;
}

/** What the policies of an identity say: any Deny that applies, else any Allow, else nothing allows it. */
export function decide(policies: readonly PolicyDocument[], question: PolicyQuestion): PolicyDecision {
  const applying = policies.flatMap(statementsOf).filter((statement) => applies(statement, question));
  if (applying.some(({ Effect }) => Effect === "Deny")) return "denied";
  return applying.length > 0 ? "allowed" : "not-allowed";
}

/**
 * What the trust policy of a role says to a principal of the kind (`AWS`, `Federated`) that has these names: `named`
 * where the principal itself stands there, `account` where only its account does.
 */
export function trusts(
  trust: PolicyDocument,
  kind: string,
  names: { readonly itself: readonly string[]; readonly account?: readonly string[] },
  question: Omit<PolicyQuestion, "resource">,
): "named" | "account" | "no" {
  const found = statementsOf(trust)
    .filter((statement) => applies({ ...statement, Resource: "*" }, { ...question, resource: "*" }))
    .map(({ Effect, Principal }) => {
      const listed = Principal === "*" ? ["*"] : many(Principal?.[kind]);
      const named = listed.some((name) => name === "*" || names.itself.includes(name));
      const account = listed.some((name) => names.account?.includes(name) === true);
      return { Effect, named, account };
    });
  if (found.some(({ Effect, named, account }) => Effect === "Deny" && (named || account))) return "no";
  if (found.some(({ named }) => named)) return "named";
  return found.some(({ account }) => account) ? "account" : "no";
}

/** Whether `value` is what `pattern` says, in which `*` is any text and `?` any character. */
export function like(pattern: string, value: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(value);
}

function malformed(why: string): AwsError {
  return new AwsError("MalformedPolicyDocument", 400, why);
}

function applies(statement: PolicyStatement, { action, resource, context }: PolicyQuestion): boolean {
  const isAction = (pattern: string): boolean => like(pattern.toLowerCase(), action.toLowerCase());
  const isResource = (pattern: string): boolean => like(filled(pattern, context), resource);
  const { Action, NotAction, Resource, NotResource, Condition } = statement;
  if (NotAction === undefined ? !many(Action).some(isAction) : many(NotAction).some(isAction)) return false;
  if (NotResource === undefined ? !many(Resource).some(isResource) : many(NotResource).some(isResource)) {
    return false;
  }
  return Object.entries(Condition ?? {}).every(([name, keys]) =>
    Object.entries(keys).every(([key, wanted]) => holds(name, key, many(wanted).map(String), context)),
  );
}

function holds(name: string, key: string, wanted: readonly string[], context: PolicyContext): boolean {
  const known = Object.entries(context).find(([candidate]) => candidate.toLowerCase() === key.toLowerCase());
  const actual = many(known?.[1]);
  if (name === "Null") return wanted.includes(String(actual.length === 0));
  const { base, set, ifExists } = operatorOf(name);
  const operator = OPERATORS[base];
  if (operator === undefined) throw new Error(`the stand-in does not know the condition ${name}`);
  const fits = (value: string): boolean => {
    const one = (text: string): boolean => operator.test(value, filled(text, context));
    return operator.negated === true ? wanted.every(one) : wanted.some(one);
  };
  if (set === "ForAllValues") return actual.every(fits);
  if (actual.length === 0) return set === undefined && (ifExists || operator.negated === true);
  return actual.some(fits);
}

function operatorOf(name: string): { base: string; set: string | undefined; ifExists: boolean } {
  const [, set, base = "", suffix] =
    /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name) ?? [];
  return { base, set, ifExists: suffix !== undefined };
}

/** Policy variables: `${aws:username}`. One that the request does not have matches nothing. */
function filled(text: string, context: PolicyContext): string {
  return text.replaceAll(/\$\{([^}]+)\}/g, (_, key: string) => many(context[key])[0] ?? "\0");
}

function statementsOf(policy: PolicyDocument): readonly PolicyStatement[] {
  return many(policy.Statement);
}

function many<T>(value: OneOrMany<T> | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
