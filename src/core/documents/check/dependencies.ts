import type { Credential } from "../credential.ts";
import type { Sourced } from "../kinds.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CheckInput, Fault } from "./fault.ts";
import { shown } from "./shown.ts";

type Credentials = ReadonlyMap<string, Sourced<Credential>>;

/** Every credential that is waited for exists, and no one waits for itself, however far around. */
export function checkDependencies(input: CheckInput): readonly Fault[] {
  const { credentials } = input.documents;
  const unknown = [...credentials.values()].flatMap((source) =>
    (source.document.spec.dependsOn ?? []).flatMap((name, at): Fault[] => {
      if (credentials.has(name) || input.isInvalid("Credential", name)) return [];
      return [
        {
          source,
          path: ["spec", "dependsOn", at],
          code: "dependency-unknown",
          message: `there is no credential ${shown(name)}`,
          fix: didYouMean(name, credentials.keys(), "remove it, or register the credential"),
        },
      ];
    }),
  );
  return [...unknown, ...cycleFaults(credentials)];
}

/** Each cycle once, at the last step that closes it. Iterative: chains may be as long as the registry. */
function cycleFaults(credentials: Credentials): Fault[] {
  const finished = new Set<string>();
  const faults: Fault[] = [];
  for (const start of credentials.keys()) {
    const trail: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
    const onTrail = new Set([start]);
    while (trail.length > 0) {
      const step = trail.at(-1);
      if (step === undefined) break;
      const source = credentials.get(step.name);
      const dependency = finished.has(step.name) ? undefined : source?.document.spec.dependsOn?.[step.next];
      if (source === undefined || dependency === undefined) {
        finished.add(step.name);
        onTrail.delete(step.name);
        trail.pop();
      } else if (onTrail.has(dependency)) {
        const names = trail.map(({ name }) => name);
        const cycle = [...names.slice(names.indexOf(dependency)), dependency];
        faults.push({
          source,
          path: ["spec", "dependsOn", step.next],
          code: "dependency-cycle",
          message: `these wait for each other: ${cycle.slice(0, 20).join(" → ")}`,
          fix: "remove one of the dependencies",
        });
        step.next += 1;
      } else {
        step.next += 1;
        trail.push({ name: dependency, next: 0 });
        onTrail.add(dependency);
      }
    }
  }
  return faults;
}
