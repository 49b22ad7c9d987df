import type { Credential } from "../credential.ts";
import type { DeliverEntry } from "../deliver.ts";
import type { Sourced } from "../kinds.ts";
import { applyRules } from "./apply-rules.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { shown } from "./shown.ts";

type Target = NonNullable<DeliverEntry["github-secret"]>;
type Field = "organisation" | "repository" | "environment";

/** What each scope is found by, which is all that may stand beside it. */
const FIELDS: Readonly<Record<Target["scope"], readonly Field[]>> = {
  repository: ["repository"],
  environment: ["repository", "environment"],
  organisation: ["organisation"],
};

const LOGIN = "[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?";
/** What GitHub takes as names; nothing in them has a meaning in a URL. An environment's name is encoded there. */
const FORMS: Readonly<Record<Field, RegExp>> = {
  organisation: new RegExp(`^${LOGIN}$`),
  repository: new RegExp(`^${LOGIN}/(?!\\.{1,2}$)[A-Za-z0-9._-]{1,100}$`),
  environment: /^(?!\.{1,2}$)[^\p{Cc}'"`,;\\]{1,255}$/u,
};

/** Secrets at GitHub are found by the fields of their scope, and have names that GitHub takes. */
export function checkGithubTargets(input: CheckInput): readonly Fault[] {
  return applyRules(input.documents.credentials.values(), input, [targetFaults]);
}

function targetFaults(source: Sourced<Credential>): Fault[] {
  return (source.document.spec.deliver ?? []).flatMap((entry, at) => {
    const target = entry["github-secret"];
    if (target === undefined) return [];
    const base = ["spec", "deliver", at, "github-secret"];
    return scopeFaults(source, base, target).concat(nameFaults(source, base, target));
  });
}

function scopeFaults(source: Sourced<Credential>, base: Fault["path"], target: Target): Fault[] {
  const wanted = FIELDS[target.scope];
  return (["organisation", "repository", "environment"] as const).flatMap((field): Fault[] => {
    const value = target[field];
    if (wanted.includes(field) && value === undefined) {
      return [
        {
          source,
          path: base,
          code: "scope-incomplete",
          message: `the scope ${target.scope} needs \`${field}\``,
          fix: field === "repository" ? "add `repository: owner/name`" : `add \`${field}\``,
        },
      ];
    }
    if (value === undefined) return [];
    const path = [...base, field];
    if (!wanted.includes(field)) {
      return [
        {
          source,
          path,
          at: "key",
          code: "scope-contradicted",
          message: `the scope ${target.scope} has no \`${field}\``,
          fix: `remove \`${field}\`, or write another scope`,
        },
      ];
    }
    if (FORMS[field].test(value)) return [];
    const form = field === "repository" ? "`owner/name`" : "a name";
    return [
      {
        source,
        path,
        code: "form-invalid",
        message: `${shown(value)} is not ${form} at GitHub`,
        fix: `write it as GitHub shows it${field === "repository" ? ", such as acme/orders" : ""}`,
      },
    ];
  });
}

/** GitHub keeps names without regard to case. */
function nameFaults(source: Sourced<Credential>, base: Fault["path"], { values }: Target): Fault[] {
  const seen = new Set<string>();
  return Object.keys(values).flatMap((name): Fault[] => {
    const key = name.toUpperCase();
    const twice = seen.has(key);
    seen.add(key);
    if (!twice && isSecretName(name)) return [];
    return [
      {
        source,
        path: [...base, "values", name],
        at: "key",
        code: "key-invalid",
        message: twice
          ? `${shown(name)} is there already: at GitHub case makes no difference in names of secrets`
          : `${shown(name)} is no name of a secret at GitHub`,
        fix: twice
          ? "keep one of them"
          : "use letters, digits and _, with no digit first and no GITHUB_ at the beginning",
      },
    ];
  });
}

/** Whether GitHub takes a secret of this name (its documentation on secrets: naming). */
export function isSecretName(name: string): boolean {
  return /^[A-Z_][A-Z0-9_]{0,254}$/i.test(name) && !/^GITHUB_/i.test(name);
}
