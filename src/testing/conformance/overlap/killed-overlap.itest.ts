import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Point } from "../killed-rotation.ts";
import { openAuthorizedKeysProvider } from "./authorized-keys-provider.ts";
import { openAwsIamProvider } from "./aws-iam-provider.ts";
import { openEntraProvider } from "./entra-provider.ts";
import { openExternalProvider } from "./external-provider.ts";
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
import { openKeycloakProvider } from "./keycloak-provider.ts";
import type { OpenProvider } from "./overlap-provider.ts";
import { writeOverlapTable } from "./overlap-table.ts";

interface Overlap {
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
}

/** On the first host everything that changes something, on the second what counts. */
const SSH_WRITES = [
  "web-1 prepare",
  "web-1 replace",
  "web-1 remove authorized_keys.cre-revert",
  "web-2 replace",
];

const PROVIDERS: readonly Overlap[] = [
  {
    name: "aws-iam",
    title: "access keys of an IAM user",
    open: openAwsIamProvider,
    // By run: adoption, rotation, deactivation, end.
    writes: {
      0: ["iam:TagUser"],
      1: ["iam:TagUser", "iam:CreateAccessKey", "iam:TagUser", "iam:UntagUser"],
      2: ["iam:TagUser", "iam:UpdateAccessKey"],
      3: ["iam:TagUser", "iam:DeleteAccessKey", "iam:UntagUser"],
    },
    mains: ["iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"],
  },
  {
    name: "authorized-keys",
    title: "SSH keys of an account on two hosts",
    open: openAuthorizedKeysProvider,
    writes: { 0: SSH_WRITES, 1: SSH_WRITES, 2: SSH_WRITES, 3: SSH_WRITES },
    mains: [],
    // An edit is the same whatever it is for: of all but the first one, what is left half done is enough.
    interrupts: ({ run, write, side }) =>
      write.endsWith(" replace") && (run === 1 || (run > 1 && side === "after" && write.startsWith("web-2"))),
    kills: ({ side }) => side === "after",
  },
  {
    name: "entra-application",
    title: "client secrets of an application in Microsoft Entra",
    open: openEntraProvider,
    // Nothing is deactivated: the end needs evidence, and is for good.
    writes: { 0: ["updateApplication"], 1: ["addPassword"], 2: ["removePassword", "updateApplication"] },
    mains: ["addPassword", "removePassword"],
  },
  {
    name: "external",
    title: "tokens of an external rotator",
    open: openExternalProvider,
    writes: { 0: ["adopt"], 1: ["issue"], 2: ["deactivate"], 3: ["revoke"] },
    mains: ["issue", "deactivate", "revoke"],
  },
  {
    name: "keycloak-client",
    title: "secrets of a client of Keycloak",
    open: openKeycloakProvider,
    // Without evidence of use it soaks twice as long.
    writes: { 0: ["PUT client"], 1: ["PUT client", "PUT client"], 2: ["PUT client"], 4: ["PUT client"] },
    mains: [],
  },
];

describe.each(PROVIDERS)(
  "$title",
  ({ name, title, open, writes, mains, interrupts = () => true, kills = () => true }) => {
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

    // The delivery is the same whatever made the version.
    test.runIf(name === "aws-iam")(
      "the runner killed before and after the delivery",
      {
        timeout: 300_000,
      },
      async () => {
        const points = ["stage", "promote"].flatMap((call): Point[] =>
          (["before", "after"] as const).map((side) => ({
            run: 1,
            call,
            side,
            nth: 1,
            credentials: ["orders-key"],
          })),
        );
        const judged = await judgeDeliveries(open, points);
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
  },
);
