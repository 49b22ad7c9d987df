import { describe, expect, test } from "vitest";
import { AWS, HOSTS, key, learn, look, matched, SERVED, seen } from "../../testing/discovery/looks.ts";
import { at, connection, credential, rotation, status, version } from "../../testing/evaluation/world.ts";

const DEPLOY = credential("deploy-key", {
  provider: { "aws-iam": { connection: "prod", user: "deploy" } },
});
const OURS = { means: "deploy-key" };

function handles(things: readonly { readonly handle: string }[]): readonly string[] {
  return things.map(({ handle }) => handle);
}

describe("what is registered", () => {
  test.each([
    ["by the handle that its document names", credential("x", { handle: "AKIA1" }), [], {}],
    [
      "by a version on record",
      credential("x"),
      [status("x", { versions: [version("2026-01-01", { handle: "AKIA1" })] })],
      {},
    ],
    [
      "by one that soaks",
      credential("x"),
      [
        status("x", {
          versions: [
            version("2026-01-01", { handle: "AKIA1", live: false, deactivatedAt: at("2026-02-01") }),
          ],
        }),
      ],
      {},
    ],
    [
      "by one that an open rotation has just made",
      credential("x"),
      [
        status("x", {
          rotation: rotation({
            attempt: { id: "a", number: 1, startedAt: at("2026-03-01"), handle: "AKIA1" },
          }),
        }),
      ],
      {},
    ],
    ["by what the source says it means", credential("x"), [], { means: "x" }],
    ["by its former name", credential("x", {}, { formerNames: ["old"] }), [], { means: "old" }],
  ])("is known %s", (_, document, statuses, fact) => {
    const world = { discovery: [AWS], documents: [document], statuses };
    const found = seen(world, { "prod-aws": { account: look([key("AKIA1", fact)]) } });
    expect(found).toMatchObject({ managed: ["x"], unmanaged: [] });
  });

  test("is known by its place as soon as a document names that, without another look", () => {
    const { book } = learn({ discovery: [AWS] }, { "prod-aws": { account: look([key("AKIA1")]) } });
    const aws = connection("prod", {
      aws: { region: "eu-central-1", assumeRole: "arn:aws:iam::123456789012:role/r" },
    });
    expect(matched({ discovery: [AWS], documents: [DEPLOY, aws], book }).managed).toEqual(["deploy-key"]);
  });

  test("is never known by a name alone: a role of that name on another server is another one", () => {
    const role = key("orders_a", { kind: "postgresql-login", place: "other:5432/orders_a" });
    const document = credential("x", { type: "database-password", handle: "db:5432/orders_a" });
    const world = { discovery: [AWS], documents: [document] };
    expect(handles(seen(world, { "prod-aws": { p: look([role]) } }).unmanaged)).toEqual(["orders_a"]);
    const same = { ...role, place: "db:5432/orders_a" };
    expect(seen(world, { "prod-aws": { p: look([same]) } }).managed).toEqual(["x"]);
  });

  test("is unmanaged again when its document is gone", () => {
    const found = seen({ discovery: [AWS] }, { "prod-aws": { account: look([key("AKIA1", OURS)]) } });
    expect(handles(found.unmanaged)).toEqual(["AKIA1"]);
  });
});

describe("a ghost", () => {
  const covered = { covered: ["deploy-key"] };
  const world = { discovery: [AWS], documents: [DEPLOY] };

  test("is what a whole look at its place does not show", () => {
    const { ghosts } = seen(world, { "prod-aws": { account: look([], covered) } });
    expect(ghosts).toMatchObject([{ credential: "deploy-key", source: "prod-aws" }]);
  });

  test.each([
    ["the look was broken off before it came there", look([], { complete: false, problems: ["denied"] })],
    ["the look could not have shown it", look([])],
    ["it is there, even if nobody can use it", look([key("AKIA1", { ...OURS, live: false })], covered)],
    ["it was registered after the look", look([], { ...covered, startedAt: at("2025-06-01") })],
  ])("is none where %s", (_, looked) => {
    expect(seen(world, { "prod-aws": { account: looked } }).ghosts).toEqual([]);
  });

  test.each([
    ["is retired", credential("deploy-key", { retiredAt: "2026-02-01" }), []],
    ["is over", credential("deploy-key", { expiresAt: "2026-02-01" }), []],
    ["is being rotated", DEPLOY, [status("deploy-key", { rotation: rotation() })]],
    ["has no live version on record", DEPLOY, [status("deploy-key")]],
    ["was made since", DEPLOY, [status("deploy-key", { versions: [version("2026-03-01T08:30:00Z")] })]],
    [
      "is known to be gone by its rotator",
      DEPLOY,
      [status("deploy-key", { behind: { code: "drift", message: "gone", since: at("2026-02-01") } })],
    ],
  ])("is none where what is registered %s", (_, document, statuses) => {
    const looks = { "prod-aws": { account: look([], covered) } };
    expect(seen({ discovery: [AWS], documents: [document], statuses }, looks).ghosts).toEqual([]);
  });

  test("stays one while later looks are broken off, from when it was noticed first", () => {
    const first = learn(world, { "prod-aws": { account: look([], covered) } });
    const later = { startedAt: at("2026-03-03T08:00:00Z"), at: at("2026-03-03T08:01:00Z") };
    const broken = look([], { ...later, complete: false, problems: ["denied"] });
    const after = { ...world, book: first.book, now: "2026-03-03T09:00:00Z" };
    expect(seen(after, { "prod-aws": { account: broken } }).ghosts).toMatchObject([
      { since: "2026-03-01T09:00:00Z" },
    ]);
  });

  test("is also what is known by its handle alone and was seen before", () => {
    const known = { discovery: [AWS], documents: [credential("x", { handle: "AKIA1" })] };
    const { book } = learn(known, { "prod-aws": { account: look([key("AKIA1")]) } });
    expect(matched({ ...known, book }).ghosts).toEqual([]);
    expect(seen({ ...known, book }, { "prod-aws": { account: look([]) } }).ghosts).toMatchObject([
      { credential: "x" },
    ]);
  });
});

describe("drift", () => {
  const one = version("2026-01-01", { handle: "AKIA1" });
  const recorded = (...versions: readonly ReturnType<typeof version>[]) => ({
    discovery: [AWS],
    documents: [DEPLOY],
    statuses: [status("deploy-key", { versions: [...versions] })],
  });
  const differences = (world: Parameters<typeof seen>[0], ...facts: readonly ReturnType<typeof key>[]) =>
    seen(world, { "prod-aws": { account: look(facts) } }).drift.map(
      ({ handle, grave, recorded: was, seen: is }) => `${handle} ${grave ? "grave" : "mild"}: ${was} / ${is}`,
    );

  test("is none where the place shows what is on record", () => {
    expect(differences(recorded(one), key("AKIA1", OURS))).toEqual([]);
  });

  test.each([
    [
      "another live one beside it",
      recorded(one),
      [key("AKIA1", OURS), key("AKIA9", OURS)],
      "AKIA9 grave: AKIA1 / works beside it",
    ],
    [
      "one that somebody switched off",
      recorded(one),
      [key("AKIA1", { ...OURS, live: false })],
      "AKIA1 grave: works / it does not work any more",
    ],
    [
      "one that was deactivated and works again",
      recorded(one, version("2025-12-01", { handle: "AKIA0", live: false, deactivatedAt: at("2026-02-01") })),
      [key("AKIA1", OURS), key("AKIA0", { ...OURS, createdAt: at("2025-12-01") })],
      "AKIA0 grave: deactivated at 2026-02-01T00:00:00Z / it works again",
    ],
    [
      "another creation",
      recorded(one),
      [key("AKIA1", { ...OURS, createdAt: at("2026-01-09") })],
      "AKIA1 mild: made 2026-01-01T00:00:00Z / made 2026-01-09T00:00:00Z",
    ],
    [
      "an end that nobody recorded",
      recorded(one),
      [key("AKIA1", { ...OURS, expiresAt: at("2026-09-01") })],
      "AKIA1 mild: no end / ends 2026-09-01T00:00:00Z",
    ],
    [
      "a rotation that nobody wrote down",
      { discovery: [AWS], documents: [DEPLOY] },
      [key("AKIA1", { ...OURS, createdAt: at("2026-02-20") })],
      "AKIA1 mild: createdAt 2026-01-01T00:00:00Z / made 2026-02-20T00:00:00Z",
    ],
    [
      "a retired one that still works",
      { discovery: [AWS], documents: [credential("deploy-key", { retiredAt: "2026-02-01" })] },
      [key("AKIA1", OURS)],
      "AKIA1 grave: retired since 2026-02-01 / it still works",
    ],
    [
      "one beside the one that the document names",
      { discovery: [AWS], documents: [credential("deploy-key", { handle: "AKIA1" })] },
      [key("AKIA1", OURS), key("AKIA9", OURS)],
      "AKIA9 grave: AKIA1 / works beside it",
    ],
  ])("is %s", (_, world, facts, text) => {
    expect(differences(world, ...facts)).toEqual([text]);
  });

  test.each([
    ["while a rotation is open", { rotation: rotation() }],
    [
      "by a look that is older than the record",
      { versions: [version("2026-03-01T08:00:30Z", { handle: "AKIA7" })] },
    ],
  ])("is not told %s", (_, fact) => {
    const world = { discovery: [AWS], documents: [DEPLOY], statuses: [status("deploy-key", fact)] };
    expect(differences(world, key("AKIA9", OURS))).toEqual([]);
  });

  test("is a host without the key that the others of its document have", () => {
    const on = (host: string) =>
      key("SHA256:a", { kind: "ssh-key", place: `${host}:/root/.ssh/authorized_keys:1`, means: "root-key" });
    const world = { discovery: [HOSTS], documents: [credential("root-key", { type: "ssh-key" })] };
    const covered = { covered: ["root-key"] };
    const found = seen(world, {
      hosts: { "web-1": look([on("web-1")], covered), "web-2": look([], covered) },
    });
    expect(found).toMatchObject({
      ghosts: [],
      drift: [{ credential: "root-key", place: "web-2", grave: false }],
    });
  });
});

describe("a shared key", () => {
  const on = (account: string, means?: string) =>
    key("SHA256:a", {
      kind: "ssh-key",
      place: `${account}/.ssh/authorized_keys:1`,
      ...(means === undefined ? {} : { means }),
    });

  test("is one in several places", () => {
    const looks = { hosts: { "web-1": look([on("web-1:/root")]), "web-2": look([on("web-2:/root")]) } };
    const found = seen({ discovery: [HOSTS] }, looks);
    expect(found.shared).toMatchObject([
      {
        handle: "SHA256:a",
        places: ["web-1:/root/.ssh/authorized_keys", "web-2:/root/.ssh/authorized_keys"],
      },
    ]);
    expect(found.unmanaged).toMatchObject([
      { handle: "SHA256:a", places: [expect.any(String), expect.any(String)] },
    ]);
  });

  test("is none where one document is about all of its places", () => {
    const world = { discovery: [HOSTS], documents: [credential("root-key", { type: "ssh-key" })] };
    const looks = {
      hosts: {
        "web-1": look([on("web-1:/root", "root-key")]),
        "web-2": look([on("web-2:/root", "root-key")]),
      },
    };
    expect(seen(world, looks).shared).toEqual([]);
  });

  test("is one of ours that somebody copied", () => {
    const world = {
      discovery: [HOSTS],
      documents: [credential("root-key", { type: "ssh-key", handle: "SHA256:a" })],
    };
    const looks = {
      hosts: { "web-1": look([on("web-1:/root", "root-key")]), "web-2": look([on("web-2:/home/eve")]) },
    };
    expect(seen(world, looks)).toMatchObject({ unmanaged: [], shared: [{ credential: "root-key" }] });
  });
});

describe("a source", () => {
  test("is late, and never seen whole, before its first look", () => {
    expect(matched({ discovery: [AWS] }).sources).toMatchObject([
      { name: "prod-aws", complete: false, late: true },
    ]);
  });

  test("is late when its newest whole look is older than two intervals", () => {
    const { book } = learn({ discovery: [AWS] }, { "prod-aws": { account: look([]) } });
    expect(matched({ discovery: [AWS], book, now: "2026-03-03T08:00:00Z" }).sources).toMatchObject([
      { complete: true, late: false },
    ]);
    expect(matched({ discovery: [AWS], book, now: "2026-03-03T08:02:00Z" }).sources).toMatchObject([
      { late: true },
    ]);
  });

  test("that fails hides nothing of the others, nor what it showed before", () => {
    const world = { discovery: [AWS, SERVED] };
    const { book } = learn(world, { "prod-aws": { account: look([key("AKIA1")]) } });
    const found = seen(
      { ...world, book },
      { "prod-aws": "the secret AWS_KEY is missing", served: { endpoints: look([]) } },
    );
    expect(found.sources).toMatchObject([
      { name: "prod-aws", complete: false, problems: ["the secret AWS_KEY is missing"] },
      { name: "served", complete: true },
    ]);
    expect(handles(found.unmanaged)).toEqual(["AKIA1"]);
  });
});
