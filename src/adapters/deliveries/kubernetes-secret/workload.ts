import { countOf, listOf, objectOf, textOf } from "../../clients/kubernetes/api-object.ts";
import type { WorkloadKind } from "./place.ts";

type Json = Readonly<Record<string, unknown>>;

/** A workload as far as a restart needs it. */
export interface WorkloadObject {
  /** Annotations of its pod template. */
  readonly template: ReadonlyMap<string, string>;
  /** Why new pods would not, or not all, come; undefined when they would. */
  readonly obstacle: Obstacle | undefined;
  /** What is missing until every pod is of the newest template and available; undefined: nothing. */
  readonly missing: string | undefined;
}

export interface Obstacle {
  readonly problem: string;
  readonly fix: string;
}

/** Reads a workload of the API, or undefined when the object is of another kind or name. */
export function workloadIn(body: Json, kind: WorkloadKind, name: string): WorkloadObject | undefined {
  const metadata = objectOf(body["metadata"]);
  if (textOf(body["kind"])?.toLowerCase() !== kind || metadata["name"] !== name) return undefined;
  const spec = objectOf(body["spec"]);
  const status = objectOf(body["status"]);
  const annotations = objectOf(objectOf(objectOf(spec["template"])["metadata"])["annotations"]);
  const generation = countOf(metadata["generation"]) ?? 0;
  const isSeen = (countOf(status["observedGeneration"]) ?? 0) >= generation;
  return {
    template: new Map(Object.entries(annotations).map(([key, value]) => [key, textOf(value) ?? ""])),
    obstacle: obstacleOf(kind, spec, name),
    missing: isSeen ? missingOf(kind, spec, status) : "its controller has not seen the change",
  };
}

/** The conditions of a workload that say what is wrong, in its own words. */
export function complaints(body: Json): string {
  return listOf(objectOf(body["status"])["conditions"])
    .filter(
      (condition) =>
        condition["status"] !== "True" || textOf(condition["reason"])?.endsWith("Exceeded") === true,
    )
    .map((condition) => {
      const words = [condition["type"], condition["reason"], condition["message"]].map(
        (word) => textOf(word) ?? "",
      );
      return words
        .join(" ")
        .replaceAll(/[^\x20-\x7e]+/g, " ")
        .slice(0, 200);
    })
    .join("; ");
}

function obstacleOf(kind: WorkloadKind, spec: Json, name: string): Obstacle | undefined {
  if (kind === "deployment") {
    if (spec["paused"] !== true) return undefined;
    return { problem: "is paused, so no new pods come", fix: `kubectl rollout resume deployment/${name}` };
  }
  const strategy = objectOf(spec["updateStrategy"]);
  if (strategy["type"] === "OnDelete") {
    return {
      problem: "replaces pods only when somebody deletes them (OnDelete)",
      fix: "set its updateStrategy to RollingUpdate, or take it from `restart` and replace its pods yourself",
    };
  }
  const partition = countOf(objectOf(strategy["rollingUpdate"])["partition"]) ?? 0;
  if (kind !== "statefulset" || partition === 0) return undefined;
  return {
    problem: `keeps its pods below ${partition} as they are (partition)`,
    fix: "set the partition of its updateStrategy to 0",
  };
}

/** The rules of `kubectl rollout status`. */
function missingOf(kind: WorkloadKind, spec: Json, status: Json): string | undefined {
  const count = (field: string) => countOf(status[field]) ?? 0;
  if (kind === "daemonset") {
    const wanted = count("desiredNumberScheduled");
    return (
      fewer(count("updatedNumberScheduled"), wanted, "updated") ??
      fewer(count("numberAvailable"), wanted, "available")
    );
  }
  const wanted = countOf(spec["replicas"]) ?? 1;
  const missing =
    fewer(count("updatedReplicas"), wanted, "updated") ??
    fewer(count("availableReplicas"), wanted, "available");
  if (missing !== undefined) return missing;
  if (kind === "deployment") {
    const old = count("replicas") - count("updatedReplicas");
    return old > 0 ? `${old} old pods still run` : undefined;
  }
  return status["currentRevision"] === status["updateRevision"] || wanted === 0
    ? undefined
    : "its pods are not all of the newest revision";
}

function fewer(there: number, wanted: number, what: string): string | undefined {
  return there < wanted ? `${there} of ${wanted} pods are ${what}` : undefined;
}
