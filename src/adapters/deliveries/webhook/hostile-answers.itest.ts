import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders, RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { createReceiver } from "../../../../examples/webhook-receiver/receiver.ts";
import { createAuthority } from "../../../testing/services/certificates.ts";
import { expectNoCanary, failureOf } from "../../../testing/suites/delivery-suite.ts";
import { consignmentOf, partsOf, staging } from "../../../testing/suites/sample-consignment.ts";
import {
  bindHook,
  HOOK_KEY,
  HOOK_TIME,
  type HookOptions,
  listen,
} from "../../../testing/suites/webhook-bench.ts";

const { signal } = new AbortController();
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => close()));
});

async function hook(listener: RequestListener, options: HookOptions = {}) {
  const peer = await listen(listener);
  closers.push(async () => peer.close());
  return staging(await bindHook(`http://127.0.0.1:${peer.port}/credentials`, options));
}

async function receiver() {
  return createReceiver({ keys: new Map([[HOOK_KEY.id, HOOK_KEY.secret]]), clock: () => HOOK_TIME * 1000 });
}

interface AnswerFields {
  readonly credential?: string;
  readonly current?: unknown;
  readonly pending?: unknown;
  readonly seconds?: number;
  readonly key?: string;
  /** The request's signature that the answer is made for. */
  readonly of?: string;
}

/** An answer with a right signature, except for what a test changes. */
function answerTo(headers: IncomingHttpHeaders, fields: AnswerFields) {
  const {
    credential = "orders-db",
    current = null,
    pending = null,
    seconds = HOOK_TIME,
    key = HOOK_KEY.secret,
  } = fields;
  const body = JSON.stringify({ credential, current, pending });
  const hash = createHash("sha256").update(body).digest("hex");
  const of = fields.of ?? String(headers["cre-signature"]);
  const signature = createHmac("sha256", key).update(`${seconds}.${of}.${hash}`).digest("hex");
  return { body, headers: { "CRE-Timestamp": String(seconds), "CRE-Signature": `v1=${signature}` } };
}

function answering(fields: AnswerFields, status = 200): RequestListener {
  return (request, response) => {
    const { headers, body } = answerTo(request.headers, fields);
    response.writeHead(status, headers).end(body);
  };
}

const stage = async (target: Awaited<ReturnType<typeof hook>>) =>
  failureOf(target.stage(consignmentOf("a1"), partsOf("a1"), signal));

describe("requests", () => {
  test("are signed over timestamp, method, path with query, and body", async () => {
    const seen: { method: string; url: string; headers: IncomingHttpHeaders; body: string }[] = [];
    const peer = await receiver();
    const target = await hook((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () =>
        seen.push({
          method: request.method ?? "",
          url: request.url ?? "",
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
      peer.handle(request, response);
    });
    await target.stage(consignmentOf("a1"), partsOf("a1"), signal);
    await target.promote(consignmentOf("a1"), signal);
    await target.holds(signal);
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /credentials",
      "POST /credentials",
      "GET /credentials?credential=orders-db",
    ]);
    for (const { method, url, headers, body } of seen) {
      const text = `${HOOK_TIME}.${method}.${url}.${createHash("sha256").update(body).digest("hex")}`;
      expect(headers).toMatchObject({
        "cre-timestamp": String(HOOK_TIME),
        "cre-key-id": "k1",
        "cre-signature": `v1=${createHmac("sha256", HOOK_KEY.secret).update(text).digest("hex")}`,
        connection: "close",
      });
    }
    const { rotation, handle, issuedAt } = consignmentOf("a1");
    const common = {
      apiVersion: "cre/v1",
      credential: "orders-db",
      rotationId: rotation,
      attemptId: "a1",
      handle,
      issuedAt,
    };
    const parts = Object.fromEntries([...partsOf("a1")].map(([name, part]) => [name, part.reveal()]));
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ ...common, phase: "stage", parts });
    expect(JSON.parse(seen[1]?.body ?? "")).toEqual({ ...common, phase: "promote" });
  });

  test("with too many parts are refused before anything is sent", async () => {
    let requests = 0;
    const target = await hook(() => {
      requests += 1;
    });
    const parts = new Map([...partsOf("a1"), ...partsOf("x".repeat(300_000))]);
    expect(await failureOf(target.stage(consignmentOf("a1"), parts, signal))).toMatchObject({
      outcome: "refused",
      retryable: false,
    });
    expect(requests).toBe(0);
  });
});

describe("statuses", () => {
  test.each([400, 401, 403, 404, 405, 410, 413, 422, 451])("%i is refused", async (status) => {
    const target = await hook(
      (_, response) => void response.writeHead(status).end("<html>canary-html</html>"),
    );
    expect(await stage(target)).toMatchObject({ outcome: "refused", code: "webhook-refused" });
  });

  test.each([408, 409, 425, 429, 500, 502, 503, 599, 304])("%i is unknown", async (status) => {
    const target = await hook((_, response) => void response.writeHead(status).end());
    expect((await stage(target)).outcome).toBe("unknown");
  });

  test("401 names the key id, and a person must act", async () => {
    const peer = await receiver();
    const target = await hook(peer.handle, { keyId: "k7" });
    const error = await stage(target);
    expect(error).toMatchObject({ outcome: "refused", retryable: false });
    expect(error.fix).toContain("k7");
    expectNoCanary(error.fix);
  });

  test.each([301, 302, 303, 307, 308])(
    "the redirect %i is not followed, not even to the same receiver",
    async (status) => {
      const peer = await receiver();
      let requests = 0;
      const target = await hook((request, response) => {
        requests += 1;
        if (request.url !== "/elsewhere") response.writeHead(status, { location: "/elsewhere" }).end();
        else peer.handle(request, response);
      });
      expect(await stage(target)).toMatchObject({ outcome: "unknown", code: "webhook-redirect" });
      expect(await target.holds(signal)).toBe("unknown");
      expect(requests).toBe(2);
    },
  );
});

describe("a success", () => {
  test.each<[string, RequestListener]>([
    [
      "without a signature",
      (_, response) =>
        void response.end(JSON.stringify({ credential: "orders-db", current: "a1", pending: "a1" })),
    ],
    ["that is a web page", (_, response) => void response.end("<html>please log in</html>")],
    ["that is empty", (_, response) => void response.writeHead(204).end()],
    ["signed with another key", answering({ pending: "a1", key: "canary-other" })],
    ["signed for another request", answering({ pending: "a1", of: `v1=${"0".repeat(64)}` })],
    ["with a timestamp 301 s old", answering({ pending: "a1", seconds: HOOK_TIME - 301 })],
    ["with a timestamp 301 s ahead", answering({ pending: "a1", seconds: HOOK_TIME + 301 })],
    ["about another credential", answering({ credential: "billing-db", pending: "a1" })],
    ["with an attempt that is no text", answering({ pending: 7 })],
    ["with an attempt of several lines", answering({ pending: "a1\ncanary-line" })],
    ["that holds another attempt", answering({ current: "a0", pending: "a2" })],
    ["that holds nothing", answering({})],
    [
      "whose signature came twice",
      (request, response) => {
        const { headers, body } = answerTo(request.headers, { pending: "a1" });
        response
          .writeHead(200, {
            ...headers,
            "CRE-Signature": [headers["CRE-Signature"], headers["CRE-Signature"]],
          })
          .end(body);
      },
    ],
    [
      "whose body was changed on the way",
      (request, response) => {
        const { headers, body } = answerTo(request.headers, { pending: "a0" });
        response.writeHead(200, headers).end(body.replace("a0", "a1"));
      },
    ],
  ])("%s proves nothing", async (_, listener) => {
    const target = await hook(listener);
    expect((await stage(target)).outcome).toBe("unknown");
  });

  test("recorded earlier and sent again proves nothing", async () => {
    let recorded: ReturnType<typeof answerTo> | undefined;
    const target = await hook((request, response) => {
      recorded ??= answerTo(request.headers, { current: "a1", pending: "a1" });
      response.writeHead(200, recorded.headers).end(recorded.body);
    });
    await target.stage(consignmentOf("a1"), partsOf("a1"), signal);
    expect((await failureOf(target.promote(consignmentOf("a1"), signal))).outcome).toBe("unknown");
    expect(await target.holds(signal)).toBe("unknown");
  });

  test("signed 300 s off is accepted, with another 2xx too", async () => {
    const target = await hook(answering({ pending: "a1", seconds: HOOK_TIME - 300 }, 202));
    await expect(target.stage(consignmentOf("a1"), partsOf("a1"), signal)).resolves.toBeUndefined();
  });

  test("of a promote that names another attempt as current is no promote", async () => {
    const target = await hook(answering({ current: "a0", pending: "a1" }));
    expect(await failureOf(target.promote(consignmentOf("a1"), signal))).toMatchObject({
      outcome: "unknown",
      code: "webhook-not-applied",
    });
  });

  test("of an abort that still holds the attempt is no abort", async () => {
    const target = await hook(answering({ pending: "a1" }));
    expect((await failureOf(target.abort(consignmentOf("a1"), signal))).outcome).toBe("unknown");
  });
});

describe("no answer", () => {
  test("within the limit is unknown", async () => {
    const target = await hook(() => undefined, { limitSeconds: 0.1 });
    const error = await stage(target);
    expect(error).toMatchObject({ outcome: "unknown", evidence: "nothing came within the time limit" });
    expect(await target.holds(signal)).toBe("unknown");
  });

  test("that ends within the limit, byte by byte, is unknown", async () => {
    const target = await hook(
      (request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(" "), 5);
        request.on("close", () => clearInterval(drip));
      },
      { limitSeconds: 0.2 },
    );
    expect(await stage(target)).toMatchObject({
      outcome: "unknown",
      evidence: "nothing came within the time limit",
    });
  });

  test("because the run is interrupted while it waits is unknown", async () => {
    const interrupted = new AbortController();
    const target = await hook(() => interrupted.abort());
    const effect = target.promote(consignmentOf("a1"), interrupted.signal);
    expect(await failureOf(effect)).toMatchObject({ outcome: "unknown", evidence: "it was interrupted" });
  });

  test.each<[string, RequestListener]>([
    ["the connection is cut before it", (request) => void request.socket.destroy()],
    [
      "the connection is cut within it",
      (_, response) => {
        response.writeHead(200, { "content-length": "100" });
        response.write("x", () => response.destroy());
      },
    ],
    ["it is larger than 64 KiB", (_, response) => void response.end("canary-".repeat(20_000))],
    [
      "it never stops",
      (_, response) => {
        response.on("error", () => undefined);
        const flood = () => {
          while (!response.destroyed && response.write("x".repeat(16_384)));
        };
        response.on("drain", flood);
        flood();
      },
    ],
    [
      "it changes the protocol",
      (_, response) =>
        void response.writeHead(101, { connection: "upgrade", upgrade: "canary-protocol" }).end(),
    ],
    ["it is no HTTP", (request) => void request.socket.end("canary-nonsense\r\n\r\n")],
    [
      "its headers are huge",
      (request) => void request.socket.end(`HTTP/1.1 200 OK\r\nx: ${"canary-".repeat(20_000)}\r\n\r\n`),
    ],
  ])("when %s is unknown", async (_, listener) => {
    const target = await hook(listener);
    expect((await stage(target)).outcome).toBe("unknown");
  });

  test("because nobody listens is unknown, and preflight says so", async () => {
    const peer = await listen(() => undefined);
    await peer.close();
    const target = staging(await bindHook(`http://127.0.0.1:${peer.port}/credentials`));
    expect(await failureOf(target.preflight(signal))).toMatchObject({
      outcome: "unknown",
      evidence: "ECONNREFUSED",
    });
    expect(await target.holds(signal)).toBe("unknown");
  });
});

describe("TLS", () => {
  const authority = createAuthority();

  test.each([
    ["of another authority", createAuthority().issue(["127.0.0.1"])],
    ["for another name", authority.issue(["elsewhere.example"])],
    ["that has ended", authority.issue(["127.0.0.1"], { notAfter: new Date(Date.now() - 1000) })],
  ])("a certificate %s is not trusted, whatever the environment says", async (_, certificate) => {
    let requests = 0;
    const peer = await listen(() => {
      requests += 1;
    }, certificate);
    closers.push(async () => peer.close());
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const target = staging(
        await bindHook(`https://127.0.0.1:${peer.port}/credentials`, { ca: authority.ca }),
      );
      expect(await stage(target)).toMatchObject({
        outcome: "unknown",
        fix: expect.stringContaining("certificate"),
      });
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    }
    expect(requests).toBe(0);
  });
});
