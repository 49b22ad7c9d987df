import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { ROTATOR_KEY, ROTATOR_TIME } from "./external-bench.ts";

export interface Said {
  readonly status?: number;
  readonly body?: unknown;
  readonly seconds?: number;
  readonly key?: string;
  /** The request's signature that the answer is made for. */
  readonly of?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as the server reads it. */
export interface Heard {
  readonly body: Readonly<Record<string, unknown>>;
  readonly signature: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers every request with what `say` makes of it, rightly signed except for what it changes; undefined: not at all. */
export function signedAnswers(say: (heard: Heard) => Said | undefined): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      // `as`: the product sends an object.
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const signature = String(request.headers["cre-signature"]);
      const said = say({ body, signature, request, response });
      if (said === undefined) return;
      const { status = 200, seconds = ROTATOR_TIME, key = ROTATOR_KEY.secret, of = signature } = said;
      const text = typeof said.body === "string" ? said.body : JSON.stringify(said.body ?? {});
      const hash = createHash("sha256").update(text).digest("hex");
      const signed = createHmac("sha256", key).update(`${seconds}.${of}.${hash}`).digest("hex");
      response
        .writeHead(status, {
          "CRE-Timestamp": String(seconds),
          "CRE-Signature": `v1=${signed}`,
          ...said.headers,
        })
        .end(text);
    });
  };
}
