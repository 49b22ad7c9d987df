import { readdirSync, readFileSync } from "node:fs";
import { type PolicyDocument, type PolicyStatement, parsePolicy } from "../services/aws/policy.ts";

const FOLDER = new URL("../../../examples/aws/", import.meta.url);

/** What stands in the files in place of names that every organisation has its own of. */
export interface Places {
  readonly ACCOUNT: string;
  readonly RUNNER_ACCOUNT: string;
  readonly REGION: string;
  readonly EXTERNAL_ID: string;
  readonly OWNER: string;
  readonly REPO: string;
  readonly NAME: string;
}

/** The names of the JSON files of examples/aws. */
export function policyFiles(): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .toSorted();
}

/** The file as it stands. */
export function policyText(file: string): string {
  return readFileSync(new URL(file, FOLDER), "utf8");
}

/** The policy of a file with its placeholders filled in. */
export function policyOf(file: string, places: Places): PolicyDocument {
  // The longer first: one is the end of another.
  const names = Object.entries(places).toSorted(([a], [b]) => b.length - a.length);
  return parsePolicy(
    names.reduce((text, [placeholder, value]) => text.replaceAll(placeholder, value), policyText(file)),
  );
}

/** One action of one statement. */
export interface Right {
  readonly file: string;
  readonly statement: string;
  readonly action: string;
}

/** Every right that the files give, one by one. */
export function rightsOf(...files: readonly string[]): readonly Right[] {
  return files.flatMap((file) =>
    statementsOf(JSON.parse(policyText(file))).flatMap(({ Sid: statement = "", Action }) =>
      listed(Action).map((action) => ({ file, statement, action })),
    ),
  );
}

/** The policy without one right. */
export function without(policy: PolicyDocument, { statement, action }: Omit<Right, "file">): PolicyDocument {
  const Statement: PolicyStatement[] = [];
  for (const one of statementsOf(policy)) {
    const Action = listed(one.Action).filter((name) => one.Sid !== statement || name !== action);
    Statement.push({ ...one, Action });
  }
  return { ...policy, Statement };
}

export function statementsOf({ Statement }: PolicyDocument): readonly PolicyStatement[] {
  return listed(Statement);
}

export function listed<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  // `as`: Array.isArray does not know lists that are readonly.
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
