import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Case,
  discoverMoments,
  judgeDeliveries,
  judgeInterruptions,
  judgeKills,
  momentsToKillAt,
  type OverlapRow,
  type ProviderMoment,
} from "./interrupted-rotation.ts";
import type { OpenProvider } from "./overlap-provider.ts";
import { writeOverlapTable } from "./overlap-table.ts";

export interface Overlap {
  readonly name: string;
  readonly title: string;
  readonly open: OpenProvider;
  /** What an undisturbed rotation changes, by run: adoption, rotation, deactivation, end. */
  readonly writes: Readonly<Record<number, readonly string[]>>;
  /** Requests before which the runner is killed, too. */
  readonly mains: readonly string[];
  /** At which moments answers are disturbed; default: all. */
  readonly interrupts?: (moment: ProviderMoment) => boolean;
  /** Of the moments that differ, at which the runner is killed; default: all. */
  readonly kills?: (moment: ProviderMoment) => boolean;
  /** Also kill the runner around the delivery. */
  readonly delivers?: true;
}

/** A rotation of a provider where versions overlap, disturbed at every request that changes something there. */
export function describeKilledOverlap({
  name,
  title,
  open,
  writes,
  mains,
  delivers,
  interrupts = () => true,
  kills = () => true,
}: Overlap): void {
  describe(`rotations of ${title}`, () => {
    let moments: readonly ProviderMoment[];
    const rows: OverlapRow[] = [];
    beforeAll(async () => {
      moments = await discoverMoments(open);
    });
    afterAll(() => {
      writeOverlapTable(
        `conformance-${name}`,
        `A rotation disturbed at every request that changes something: ${title}`,
        rows,
      );
    });

    test("an undisturbed rotation changes what it must and nothing else", () => {
      const seen: Record<number, string[]> = {};
      for (const { run, write, side } of moments) if (side === "after") (seen[run] ??= []).push(write);
      expect(seen).toEqual(writes);
    });

    test("the runner killed before and after every request: no key lost, no orphan, nothing foreign touched", {
      timeout: 600_000,
    }, async () => {
      rows.push(...(await judgeKills(open, momentsToKillAt(moments, mains).filter(kills))));
      expect(rows.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
    });

    test.runIf(delivers)(
      "the runner killed before and after the delivery",
      {
        timeout: 300_000,
      },
      async () => {
        const judged = await judgeDeliveries(open);
        rows.push(...judged);
        expect(judged.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
      },
    );

    test("every request whose answer is an error, is lost, or never comes", {
      timeout: 600_000,
    }, async () => {
      const disturbed = moments.filter(interrupts);
      const cases: Case[] = disturbed.flatMap((moment) => [
        { moment, disturbance: "error" },
        { moment, disturbance: "lost" },
      ]);
      for (const moment of moments) {
        if (mains.some((write) => write === moment.write)) cases.push({ moment, disturbance: "hang" });
      }
      const judged = await judgeInterruptions(open, cases);
      rows.push(...judged);
      expect(judged).toHaveLength(cases.length);
      expect(judged.filter(({ outcome }) => outcome !== "rotated")).toEqual([]);
    });
  });
}
