import fc from "fast-check";
import { expect, test } from "vitest";
import { type World, worlds } from "../../testing/evaluation/any-world.ts";
import { documents, records } from "../../testing/evaluation/world.ts";
import { compared } from "../../testing/impact/compared.ts";
import type { Documents } from "../documents/kinds.ts";
import type { ImpactReport } from "./impact-report.ts";

function documentsOf({ credentials, policies, exceptions }: World): Documents {
  return documents(...credentials, ...policies, ...exceptions);
}

/** What changes between the documents of two worlds, by the records and the clock of the first. */
function change(before: World, after: World, judge = before): ImpactReport {
  const { statuses, incidents, now } = judge;
  return compared(documentsOf(before), documentsOf(after), { state: records({ statuses, incidents }), now });
}

const sorted = (items: readonly unknown[]): readonly string[] =>
  items.map((item) => JSON.stringify(item)).toSorted();

test("nothing changed is nothing told", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const report = change(world, structuredClone(world));
      expect(report.headline).toBe("This change changes nothing for compliance.");
      const { compliance, risks, added, removed, renamed, retired, standings, dueDates } = report;
      expect(compliance.before).toEqual(compliance.after);
      expect([risks, added, removed, renamed, retired, standings, dueDates].flat()).toEqual([]);
      expect(report.findings).toEqual({ appeared: [], vanished: [] });
      expect(report.rotations).toEqual({ follow: [], noLonger: [] });
    }),
  );
});

test("the way back undoes what the way there did", () => {
  fc.assert(
    fc.property(worlds, worlds, (here, there) => {
      const [forth, back] = [change(here, there), change(there, here, here)];
      expect(back.compliance).toEqual({ before: forth.compliance.after, after: forth.compliance.before });
      expect(names(back.added)).toEqual(names(forth.removed));
      expect(names(back.removed)).toEqual(names(forth.added));
      expect(
        sorted(back.standings.map(({ credential, before, after }) => [credential, before, after])),
      ).toEqual(sorted(forth.standings.map(({ credential, before, after }) => [credential, after, before])));
      expect(sorted(back.dueDates.map(({ credential, before, days }) => [credential, before, days]))).toEqual(
        sorted(forth.dueDates.map(({ credential, after, days }) => [credential, after, days && -days])),
      );
      expect(fingerprints(back.findings.appeared)).toEqual(fingerprints(forth.findings.vanished));
      expect(fingerprints(back.findings.vanished)).toEqual(fingerprints(forth.findings.appeared));
      expect(names(back.rotations.follow)).toEqual(names(forth.rotations.noLonger));
    }),
  );
});

test("the numbers, the credentials that count differently and those that come and go agree", () => {
  fc.assert(
    fc.property(worlds, worlds, (before, after) => {
      const { compliance, standings } = change(before, after);
      const net = (standing: string): number =>
        standings.filter((row) => row.after === standing).length -
        standings.filter((row) => row.before === standing).length;
      expect(compliance.after.strict - compliance.before.strict).toBe(net("compliant"));
      expect(compliance.after.adjusted - compliance.before.adjusted).toBe(net("compliant") + net("exempt"));
      expect(compliance.after.population - compliance.before.population).toBe(
        0 - net("absent") - net("outside"),
      );
    }),
  );
});

function names(rows: readonly { readonly credential: string }[]): readonly string[] {
  return rows.map(({ credential }) => credential).toSorted();
}

function fingerprints(rows: ImpactReport["findings"]["appeared"]): readonly string[] {
  return rows.map(({ fingerprint }) => fingerprint).toSorted();
}
