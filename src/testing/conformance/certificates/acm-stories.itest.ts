import { afterAll, beforeAll, expect, test } from "vitest";
import type { AwsFault } from "../../services/aws/faults.ts";
import { createEstate, type WaveEstate } from "../estate.ts";
import { BEGINNING, hoursAfter } from "../virtual-clock.ts";
import { type AcmTenant, settleAcm } from "./acm-tenant.ts";

/** What becomes of the first import, or of the tag before it; whether the new certificate was there nevertheless. */
const STORIES: readonly {
  readonly name: string;
  readonly action: string;
  readonly fault?: AwsFault;
  readonly arrives: boolean;
}[] = [
  { name: "untroubled", action: "acm:ImportCertificate", arrives: true },
  { name: "answer-lost", action: "acm:ImportCertificate", fault: "dropAfter", arrives: true },
  { name: "request-lost", action: "acm:ImportCertificate", fault: "drop", arrives: false },
  { name: "throttled", action: "acm:ImportCertificate", fault: "throttled", arrives: false },
  { name: "tag-lost", action: "acm:AddTagsToCertificate", fault: "dropAfter", arrives: false },
];

let estate: WaveEstate<AcmTenant>;
beforeAll(async () => {
  estate = await createEstate(STORIES.map(({ name }) => settleAcm(name)));
});
afterAll(async () => estate.dispose());

test("a certificate goes from its CA to ACM, whatever becomes of the import, and its rotation is over after a day", {
  timeout: 60_000,
}, async () => {
  const each = STORIES.map(({ name, action, fault, arrives }, at) => {
    const tenant = estate.tenants[at];
    if (tenant === undefined) throw new Error(`no tenant ${name}`);
    return { name, action, fault, arrives, tenant, first: tenant.handles()[0] };
  });
  const start = hoursAfter(BEGINNING, 1);
  await estate.runAt(start);
  for (const { tenant, first } of each) expect(await tenant.served()).toBe(first);

  // The preflight asks whether it may import, with something that is no certificate.
  for (const { tenant, action, fault } of each) {
    if (fault !== undefined) tenant.aws.fail(action, fault, 1, action === "acm:ImportCertificate" ? 1 : 0);
  }
  await estate.runAt(hoursAfter(start, 1));
  for (const { name, tenant, first, arrives } of each) {
    const served = await tenant.served();
    expect({ name, isNew: served !== first, alive: tenant.handles().includes(served ?? "") }).toEqual({
      name,
      isNew: arrives,
      alive: true,
    });
  }

  // Who lost theirs finds that out, and makes another one after a backoff; the old one lives for a day after that.
  for (const hours of [6, 8, 33]) await estate.runAt(hoursAfter(start, hours));
  for (const { name, tenant, first, arrives } of each) {
    const served = await tenant.served();
    expect({ name, outcome: tenant.status()?.rotation?.outcome, alive: tenant.handles() }).toEqual({
      name,
      outcome: "done",
      alive: [served],
    });
    expect(served).not.toBe(first);
    expect({ name, made: tenant.made() }).toEqual({ name, made: arrives ? 2 : 3 });
  }
});
