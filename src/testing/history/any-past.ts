import fc from "fast-check";
import type { Documents, Sourced } from "../../core/documents/kinds.ts";
import { addTo, type Instant } from "../../core/model/instant.ts";
import type { Status, VersionFact } from "../../core/state/status.ts";
import { at, credential, documents, policy, rotation, status, version } from "../evaluation/world.ts";

/** How everything stood from one day on. */
export interface PastDay {
  readonly at: Instant;
  readonly documents: Documents;
  readonly statuses: ReadonlyMap<string, Status>;
}

const DAY = 86_400;
const FIRST = at("2026-01-01");
/** Days that a past has. */
export const DAYS = 60;

export function dayAt(day: number): Instant {
  return addTo(FIRST, day * DAY);
}

const names = fc.constantFrom("machine", "person");
const deeds = fc.oneof(
  fc.record({ kind: fc.constant("policy"), within: fc.constantFrom(0, 8, 15, 30) }),
  fc.record({ kind: fc.constant("second"), within: fc.constantFrom(0, 10, 25) }),
  fc.record({ kind: fc.constant("rotated") }),
  fc.record({ kind: fc.constant("retire"), name: names, ahead: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ kind: fc.constantFrom("remove", "add"), name: names }),
  fc.record({ kind: fc.constant("rename") }),
  fc.record({ kind: fc.constant("adopt"), age: fc.integer({ min: 0, max: 20 }) }),
  fc.record({ kind: fc.constant("issue"), lives: fc.constantFrom(0, 0, 3, 12) }),
  fc.record({
    kind: fc.constantFrom("open", "open", "confirm", "confirm", "doubt", "end", "end", "close", "abort"),
  }),
);
type Deed = { readonly kind: string } & {
  readonly [key in "within" | "ahead" | "age" | "lives"]?: number;
} & { readonly name?: string };

interface Scene {
  day: number;
  policy: number;
  second: number;
  rotatedAt: string | undefined;
  readonly retiredAt: Map<string, string>;
  readonly present: Set<string>;
  /** Times that the automated one was renamed. */
  renames: number;
  record: Status | undefined;
  rotations: number;
}

/** A past of some days on which something changed, of two credentials: one that runs rotate, and one that a person does. */
export const pasts = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), deeds), { minLength: 3, maxLength: 30 })
  .map((steps) => {
    const scene: Scene = {
      day: 0,
      policy: 15,
      second: 0,
      rotatedAt: undefined,
      retiredAt: new Map(),
      present: new Set(["machine", "person"]),
      renames: 0,
      record: undefined,
      rotations: 0,
    };
    const days = new Map<number, PastDay>([[0, sight(scene)]]);
    for (const [gap, deed] of steps) {
      scene.day += gap;
      if (scene.day >= DAYS) break;
      act(scene, deed);
      days.set(scene.day, sight(scene));
    }
    return Array.from(days.values());
  });

function act(scene: Scene, deed: Deed): void {
  const today = dayAt(scene.day);
  const { record } = scene;
  switch (deed.kind) {
    case "policy":
      scene.policy = deed.within ?? 0;
      return;
    case "second":
      scene.second = deed.within ?? 0;
      return;
    case "rotated":
      scene.rotatedAt = today;
      return;
    case "retire":
      scene.retiredAt.set(deed.name ?? "", addTo(today, (deed.ahead ?? 0) * DAY));
      return;
    case "remove":
      scene.present.delete(deed.name ?? "");
      return;
    case "add":
      scene.present.add(deed.name ?? "");
      return;
    case "rename":
      scene.renames += 1;
      return;
    case "adopt":
      if (record === undefined) scene.record = adopted(addTo(today, -(deed.age ?? 0) * DAY));
      return;
    default:
      if (record !== undefined) scene.record = moved(scene, record, deed, today);
  }
}

function adopted(createdAt: Instant): Status {
  return status("machine", { versions: [version(createdAt, { handle: "first" })] });
}

function moved(scene: Scene, record: Status, { kind, lives }: Deed, today: Instant): Status {
  const { rotation: open } = record;
  const isOpen = open?.outcome === "open";
  if (kind === "open" && !isOpen) {
    scene.rotations += 1;
    return { ...record, rotation: rotation({ id: `r${scene.rotations}`, openedAt: today }) };
  }
  if (open === undefined || !isOpen) return record;
  const isOurs = ({ mark }: VersionFact): boolean => mark?.rotation === open.id;
  switch (kind) {
    case "issue": {
      if (record.versions.some(isOurs)) return record;
      const mark = { rotation: open.id, attempt: `${open.id}-1`, epoch: 1 };
      const issued = version(today, {
        handle: open.id,
        mark,
        ...(lives === undefined || lives === 0 ? {} : { expiresAt: addTo(today, lives * DAY) }),
      });
      const attempt = { id: mark.attempt, number: 1, startedAt: today, createdAt: today };
      return { ...record, versions: [...record.versions, issued], rotation: { ...open, attempt } };
    }
    case "confirm": {
      const isThere = record.versions.some(isOurs) && open.confirmedAt === undefined;
      return isThere ? { ...record, rotation: { ...open, confirmedAt: today } } : record;
    }
    case "doubt": {
      const { confirmedAt: _, ...rest } = open;
      const revived = record.versions.map((fact) => (isOurs(fact) ? fact : { ...fact, live: true }));
      return { ...record, versions: revived, rotation: rest };
    }
    case "end": {
      if (open.confirmedAt === undefined) return record;
      const ended = record.versions.map((fact) => (isOurs(fact) ? fact : { ...fact, live: false }));
      return { ...record, versions: ended };
    }
    case "close":
      if (open.confirmedAt === undefined || record.versions.some((fact) => fact.live && !isOurs(fact))) {
        return record;
      }
      return { ...record, rotation: { ...open, outcome: "done" } };
    default:
      if (open.confirmedAt !== undefined) return record;
      return {
        ...record,
        versions: record.versions.filter((fact) => !isOurs(fact)),
        rotation: { ...open, outcome: "aborted" },
      };
  }
}

/** Names under which the automated one was known, the present one first. */
function machineNames(renames: number): readonly string[] {
  return Array.from({ length: renames + 1 }, (_, at) =>
    at === renames ? "machine" : `machine-${renames - at}`,
  );
}

function sight(scene: Scene): PastDay {
  const { day, rotatedAt, retiredAt, present, renames, record } = scene;
  const retired = (name: string) => {
    const found = retiredAt.get(name);
    return found === undefined ? {} : { retiredAt: found };
  };
  const [name = "", ...formerNames] = machineNames(renames);
  const all: readonly Sourced[] = [
    ...(scene.policy === 0 ? [] : [policy("all", { rotateWithin: `${scene.policy}d` })]),
    ...(scene.second === 0
      ? []
      : [policy("second", { match: { names: ["person", name] }, rotateWithin: `${scene.second}d` })]),
    ...(present.has("machine")
      ? [
          credential(
            name,
            { type: "api-key", method: "automated", ...retired("machine") },
            formerNames.length === 0 ? {} : { formerNames },
          ),
        ]
      : []),
    ...(present.has("person")
      ? [credential("person", { ...(rotatedAt === undefined ? {} : { rotatedAt }), ...retired("person") })]
      : []),
  ];
  return {
    at: dayAt(day),
    documents: documents(...all),
    statuses: new Map(record === undefined ? [] : [["machine", record]]),
  };
}
