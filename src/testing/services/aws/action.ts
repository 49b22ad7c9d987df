import type { Account, AwsEstate } from "./account.ts";
import { AwsError } from "./aws-error.ts";
import type { PolicyContext } from "./policy.ts";
import type { Principal } from "./principal.ts";

/** Parameters of a request, as its protocol nests them. */
export type Input = Readonly<Record<string, unknown>>;

/** What an action answers: texts, numbers, booleans, dates, and lists and objects of them; undefined is left out. */
export type Output = { readonly [name: string]: OutputValue };
type OutputValue = string | number | boolean | Date | undefined | readonly OutputValue[] | Output;

export interface ActionCall {
  readonly estate: AwsEstate;
  /** Of the principal. */
  readonly account: Account;
  readonly principal: Principal;
  readonly input: Input;
  readonly region: string;
  /** The provider's time. */
  readonly now: Date;
  /** What signatures are compared with. */
  readonly machine: Date;
}

/** What policies are asked about. */
export interface Resource {
  readonly arn: string;
  /** How the message of a refusal names it, where that is not the ARN. */
  readonly shown?: string;
  readonly context?: PolicyContext;
}

export interface AwsAction {
  /** Without it everybody who is signed in may. */
  readonly resource?: (call: ActionCall) => Resource;
  /** Actions that the principal must be allowed besides, for what this input asks. */
  readonly also?: (input: Input) => readonly string[];
  readonly act: (call: ActionCall) => Output;
}

export type AwsActions = Readonly<Record<string, AwsAction>>;

/** A parameter that must be there. @throws AwsError ValidationError. */
export function text(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined) {
    const lower = name.charAt(0).toLowerCase() + name.slice(1);
    throw new AwsError(
      "ValidationError",
      400,
      `1 validation error detected: Value null at '${lower}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}

export function optionalText(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

export function flag(input: Input, name: string): boolean {
  return input[name] === true || input[name] === "true";
}

export function texts(input: Input, name: string): readonly string[] {
  const value = input[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** Pairs of `Key` and `Value`, as all services take tags. */
export function tagsOf(input: Input, name = "Tags"): ReadonlyMap<string, string> {
  const value = input[name];
  const pairs: readonly unknown[] = Array.isArray(value) ? value : [];
  return new Map(pairs.filter(isInput).map((pair) => [text(pair, "Key"), optionalText(pair, "Value") ?? ""]));
}

export function tagList(tags: ReadonlyMap<string, string>): Output[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

/** What conditions can ask about the tags of a resource and of a request. */
export function tagContext(
  owned: ReadonlyMap<string, string> | undefined,
  requested: ReadonlyMap<string, string> = new Map(),
  removed: readonly string[] = [],
): PolicyContext {
  return {
    ...Object.fromEntries([...(owned ?? [])].map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
    ...Object.fromEntries([...requested].map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    ...(requested.size + removed.length > 0 ? { "aws:TagKeys": [...requested.keys(), ...removed] } : {}),
  };
}

function isInput(value: unknown): value is Input {
  return typeof value === "object" && value !== null;
}
