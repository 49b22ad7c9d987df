import type { ReportModel } from "../../core/report/report-schema.ts";
import { HOSTILE } from "./sample-report.ts";

/** What discovery may have on record. */
export const SAMPLE_DISCOVERY: NonNullable<ReportModel["discovery"]> = {
  sources: [
    {
      name: "prod-aws",
      kind: "aws-iam",
      scannedAt: "2026-03-10T06:00:00Z",
      complete: true,
      late: false,
      scanned: 312,
      sightings: 340,
      problems: [],
    },
    {
      name: "web-hosts",
      kind: "authorized-keys",
      scannedAt: "2026-03-09T06:00:00Z",
      complete: false,
      late: false,
      scanned: 3,
      sightings: 9,
      problems: ["web-4: its host key is another one than the connection pins"],
    },
  ],
  managed: { numerator: 8, denominator: 10, fraction: 0.8 },
  unmanaged: [
    {
      kind: "aws-access-key",
      handle: "AKIAIOSFODNN7EXAMPLE",
      place: "123456789012/legacy-import",
      source: "prod-aws",
      firstSeenAt: "2026-03-01T06:00:00Z",
      createdAt: "2023-05-01T00:00:00Z",
      lastUsedAt: "2026-03-09T00:00:00Z",
      expiresAt: null,
      live: true,
      detail: { "last service": "s3" },
      concerns: ["it is over two years old"],
      ownerGuess: HOSTILE.arabic,
      waivedBy: null,
    },
    {
      kind: "ssh-key",
      handle: `SHA256:${"x".repeat(43)}`,
      place: "web-1:/home/app/.ssh/authorized_keys:3",
      source: "web-hosts",
      firstSeenAt: "2026-03-02T06:00:00Z",
      createdAt: null,
      lastUsedAt: null,
      expiresAt: null,
      live: true,
      detail: { comment: HOSTILE.html, "key type": "ssh-rsa" },
      concerns: [],
      ownerGuess: null,
      waivedBy: "season",
    },
  ],
  ghosts: [{ credential: "stale", handle: null, source: "prod-aws", since: "2026-03-08T06:00:00Z" }],
  drift: [
    {
      credential: "active",
      handle: "AKIA0000000000000000",
      source: "prod-aws",
      recorded: "live",
      seen: "disabled",
      since: "2026-03-08T06:00:00Z",
    },
  ],
  shared: [
    {
      handle: `SHA256:${"y".repeat(43)}`,
      kind: "ssh-key",
      credential: null,
      places: ["web-1:/root/.ssh/authorized_keys:1", "web-2:/root/.ssh/authorized_keys:1"],
    },
  ],
};
