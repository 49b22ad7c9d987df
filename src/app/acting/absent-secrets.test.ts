import { expect, test } from "vitest";
import type { Connection } from "../../core/documents/connection.ts";
import { documents, settings } from "../../testing/evaluation/world.ts";
import { absentSecrets } from "./absent-secrets.ts";

const connection = (name: string, spec: Connection["spec"]) =>
  [
    name,
    {
      document: { apiVersion: "cre/v1", kind: "Connection", metadata: { name }, spec },
      file: "c.yaml",
      line: 1,
    },
  ] as const;

const hook = (name: string, env: string, zone?: string) =>
  connection(name, {
    webhook: { url: "https://hook.test/", key: { id: "k1", secret: { env } } },
    ...(zone === undefined ? {} : { zone }),
  });

test("references that this host lacks are told with where they stand, and nothing that only looks like one", () => {
  const spec = {
    tagKey: { env: "TAG" },
    heartbeat: { file: "/run/beat" },
    labels: { env: { required: true } },
    channels: { sec: { slack: { webhook: { env: "SEC" } } } },
    routes: [{ match: { labels: { env: "production" } }, to: ["sec"] }],
  };
  const inputs = {
    ...documents(settings(spec)),
    connections: new Map([
      hook("ours", "OURS"),
      hook("theirs", "THEIRS", "other"),
      hook("here", "HERE", "here"),
    ]),
  };
  const asked: string[] = [];
  const present = (reference: { env: string } | { file: string }): boolean => {
    const name = "env" in reference ? reference.env : reference.file;
    asked.push(name);
    return name === "TAG";
  };
  expect(absentSecrets(inputs, "here", { present })).toEqual([
    { reference: "SEC", usedBy: "the channel sec" },
    { reference: "HERE", usedBy: "the connection here" },
    { reference: "OURS", usedBy: "the connection ours" },
    { reference: "/run/beat", usedBy: "the heartbeat of the settings" },
  ]);
  expect(asked.toSorted()).toEqual(["/run/beat", "HERE", "OURS", "SEC", "TAG"]);
});
