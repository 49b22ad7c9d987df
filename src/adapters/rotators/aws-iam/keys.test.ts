import type { IAM } from "@aws-sdk/client-iam";
import { expect, test } from "vitest";
import { twoClients } from "../../clients/aws/sending.ts";
import { readUser } from "./keys.ts";
import type { Site } from "./site.ts";

const MADE = new Date("2026-03-01T00:00:00Z");
const KEYS = ["AKIAAAAAAAAAAAAAAAAA", "AKIABBBBBBBBBBBBBBBB"];
const TAGS = ["cre/AKIAAAAAAAAAAAAAAAAA", "team", "cre/AKIABBBBBBBBBBBBBBBB"];

/** IAM that answers every list one by one, and the names of what it was asked for. */
function sparingIam(): { readonly iam: IAM; readonly asked: string[] } {
  const asked: string[] = [];
  const part = (name: string, all: readonly string[], marker: string | undefined) => {
    asked.push(`${name} ${marker ?? "from the beginning"}`);
    const at = Number(marker ?? "0");
    const isLast = at === all.length - 1;
    return {
      item: all[at],
      rest: isLast ? { IsTruncated: false } : { IsTruncated: true, Marker: String(at + 1) },
    };
  };
  const iam = {
    config: { credentials: async () => ({}) },
    listAccessKeys: async ({ Marker }: { Marker?: string }) => {
      const { item, rest } = part("keys", KEYS, Marker);
      return {
        AccessKeyMetadata: [{ AccessKeyId: item, Status: "Active", CreateDate: MADE }],
        ...rest,
      };
    },
    listUserTags: async ({ Marker }: { Marker?: string }) => {
      const { item, rest } = part("tags", TAGS, Marker);
      return { Tags: [{ Key: item, Value: "x" }], ...rest };
    },
  };
  // `as`: what is read of a user needs no more of the client.
  return { iam: iam as unknown as IAM, asked };
}

test("keys and tags are read to their end, in however many parts IAM answers", async () => {
  const { iam, asked } = sparingIam();
  const clients = twoClients(async () => iam);
  // `as`: a look needs no more of the site.
  const site = {
    user: "orders",
    connectionName: "prod-aws",
    clients: { make: clients, end: clients },
  } as Site;
  const { keys, tags } = await readUser(site, new AbortController().signal);
  expect(keys.map(({ id }) => id)).toEqual(KEYS);
  expect([...tags.keys()]).toEqual(TAGS);
  expect(asked).toEqual(["keys from the beginning", "keys 1", "tags from the beginning", "tags 1", "tags 2"]);
});
