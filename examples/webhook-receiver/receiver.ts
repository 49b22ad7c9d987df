/**
 * Reference receiver of the credential webhook: Node's standard library only, made to be copied into a service.
 * The contract that it implements stands in the README beside it.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** One version of a credential. `attempt` is null for the one that the service was started with. */
export interface HeldVersion {
  readonly attempt: string | null;
  readonly handle: string | null;
  readonly issuedAt: string | null;
  /** Secret: hand it to the client library and to nothing else. */
  readonly parts: Readonly<Record<string, string>>;
}

export interface HeldCredential {
  /** What new connections use. */
  readonly current: HeldVersion | null;
  /** Staged: used only when `current` is refused. */
  readonly pending: HeldVersion | null;
}

export type ReceiverState = Readonly<Record<string, HeldCredential>>;

/** Where the state survives a restart. `save` must be durable before it resolves; see `fileStore`. */
export interface ReceiverStore {
  load(): Promise<ReceiverState | undefined>;
  save(state: ReceiverState): Promise<void>;
}

export interface ReceiverOptions {
  /** Key id to secret. Two entries while a key is being replaced. */
  readonly keys: ReadonlyMap<string, string>;
  /** Without one the state is kept in memory only. */
  readonly store?: ReceiverStore;
  /** Parts by credential that the service starts with, until the first promote. */
  readonly initial?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Called after a promote is durable; the answer does not wait for it. A failure is told to `log` and undoes nothing. */
  readonly onPromote?: (credential: string, version: HeldVersion) => void | Promise<void>;
  /** One line per request that changed or refused something; never a secret. */
  readonly log?: (line: string) => void;
  /** Milliseconds since 1970, default `Date.now`. */
  readonly clock?: () => number;
}

export interface Receiver {
  /** A listener for `http.createServer` or `https.createServer`. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  credentials(name: string): HeldCredential;
  /**
   * Runs `use` with the current parts and, when those are refused, with the pending ones. A version that was promoted
   * in the meantime is tried too. `isRefused` says whether an error means "wrong credential" (default: every error);
   * other errors are thrown at once. Rejects with the last error.
   */
  withFallback<T>(
    name: string,
    use: (parts: Readonly<Record<string, string>>, version: HeldVersion) => Promise<T>,
    isRefused?: (error: unknown) => boolean,
  ): Promise<T>;
}

const NOTHING: HeldCredential = { current: null, pending: null };
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const SKEW_SECONDS = 300;
const LARGEST_BODY = 256 * 1024;

interface Verified {
  readonly secret: string;
  readonly signature: string;
}
interface Answer {
  readonly status: number;
  readonly credential: string;
}
interface Message {
  readonly phase: "stage" | "promote" | "abort";
  readonly credential: string;
  readonly attempt: string;
  readonly version: HeldVersion | undefined;
}

/** Makes a receiver and loads its state. */
export async function createReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { keys, store, onPromote, log = () => {}, clock = Date.now } = options;
  const state = new Map<string, HeldCredential>();
  for (const [name, parts] of Object.entries(options.initial ?? {})) {
    state.set(name, { current: { attempt: null, handle: null, issuedAt: null, parts }, pending: null });
  }
  for (const [name, held] of Object.entries((await store?.load()) ?? {})) {
    const initial = state.get(name)?.current;
    // What the service was started with may have changed since; what was promoted to it stands above that.
    const isPromoted = typeof held.current?.attempt === "string";
    state.set(name, {
      current: isPromoted ? held.current : (initial ?? held.current),
      pending: held.pending,
    });
  }
  // Requests take turns, so that what is saved and what is answered is one order of events.
  let turn: Promise<unknown> = Promise.resolve();

  const credentials = (name: string) => state.get(name) ?? NOTHING;

  async function change(name: string, held: HeldCredential): Promise<void> {
    await store?.save({ ...Object.fromEntries(state), [name]: held });
    state.set(name, held);
  }

  async function announce(name: string, version: HeldVersion): Promise<void> {
    try {
      await onPromote?.(name, version);
    } catch (error) {
      log(`${name}: after promote: ${error instanceof Error ? error.name : "failed"}`);
    }
  }

  /** A certificate comes with the promotion: its key was staged, perhaps days before. */
  async function promote({ credential, version }: Message, pending: HeldVersion): Promise<void> {
    const promoted = { ...pending, parts: { ...pending.parts, ...version?.parts } };
    await change(credential, { current: promoted, pending: null });
    void announce(credential, promoted);
  }

  async function apply(message: Message): Promise<number> {
    const { current, pending } = credentials(message.credential);
    const isCurrent = current?.attempt === message.attempt;
    const isPending = pending?.attempt === message.attempt;
    switch (message.phase) {
      case "stage":
        if (message.version === undefined) return 422;
        if (!isCurrent) await change(message.credential, { current, pending: message.version });
        return 200;
      case "promote":
        if (isCurrent) return 200;
        if (pending === null || !isPending) return 422;
        await promote(message, pending);
        return 200;
      case "abort":
        if (isCurrent) return 422;
        if (isPending) await change(message.credential, { current, pending: null });
        return 200;
    }
  }

  async function act(request: IncomingMessage, body: Buffer): Promise<Answer> {
    if (request.method === "GET") {
      const name = new URL(request.url ?? "/", "http://receiver").searchParams.get("credential") ?? "";
      return NAME.test(name) ? { status: 200, credential: name } : { status: 422, credential: "" };
    }
    if (request.method !== "POST") return { status: 405, credential: "" };
    const message = parseMessage(body);
    if (message === undefined) return { status: 422, credential: "" };
    const status = await apply(message);
    log(`${message.credential}: ${message.phase} ${message.attempt}: ${status}`);
    return { status, credential: message.credential };
  }

  function answer(response: ServerResponse, verified: Verified, { status, credential }: Answer): void {
    const { current, pending } = credentials(credential);
    const body = JSON.stringify({
      credential,
      current: current?.attempt ?? null,
      pending: pending?.attempt ?? null,
    });
    const timestamp = String(Math.floor(clock() / 1000));
    const signature = hmac(verified.secret, `${timestamp}.${verified.signature}.${sha256(body)}`);
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      "CRE-Timestamp": timestamp,
      "CRE-Signature": `v1=${signature}`,
    });
    response.end(body);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) return refuse(response, 413, "body too large");
    const verified = verify(request, body, keys, clock());
    if (typeof verified === "string") {
      log(`request refused: ${verified}`);
      return refuse(response, 401, verified);
    }
    const mine = turn.then(async () => answer(response, verified, await act(request, body)));
    turn = mine.catch(() => {});
    await mine;
  }

  return {
    credentials,
    handle: (request, response) => {
      serve(request, response).catch((error: unknown) => {
        log(`request failed: ${error instanceof Error ? error.name : "error"}`);
        if (response.headersSent) response.destroy();
        else refuse(response, 500, "failed");
      });
    },
    async withFallback(name, use, isRefused = () => true) {
      const tried = new Set<string | null>();
      let last: unknown = new Error(`no version of ${name} is known yet`);
      for (;;) {
        const { current, pending } = credentials(name);
        const next = [current, pending].find((version) => version !== null && !tried.has(version.attempt));
        if (next === undefined || next === null) throw last;
        tried.add(next.attempt);
        try {
          return await use(next.parts, next);
        } catch (error) {
          if (!isRefused(error)) throw error;
          last = error;
        }
      }
    },
  };
}

/** The key and signature of a request that is ours, or why it is not. */
function verify(
  request: IncomingMessage,
  body: Buffer,
  keys: ReadonlyMap<string, string>,
  now: number,
): Verified | string {
  const header = (name: string) => {
    const value = request.headers[name];
    return typeof value === "string" ? value : "";
  };
  const secret = keys.get(header("cre-key-id"));
  if (secret === undefined) return "unknown key";
  const timestamp = header("cre-timestamp");
  if (!/^\d{1,12}$/.test(timestamp)) return "no timestamp";
  if (Math.abs(Number(timestamp) - Math.floor(now / 1000)) > SKEW_SECONDS) {
    return "timestamp more than 300 s off";
  }
  const signature = header("cre-signature");
  const expected = `v1=${hmac(secret, `${timestamp}.${request.method}.${request.url}.${sha256(body)}`)}`;
  if (!/^v1=[0-9a-f]{64}$/.test(signature)) return "no signature";
  return timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
    ? { secret, signature }
    : "wrong signature";
}

function parseMessage(body: Buffer): Message | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
  if (!isRecord(raw)) return undefined;
  const { apiVersion, phase, credential, rotationId, attemptId, handle, issuedAt, parts } = raw;
  if (apiVersion !== "cre/v1" || (phase !== "stage" && phase !== "promote" && phase !== "abort")) {
    return undefined;
  }
  if (!isText(credential) || !NAME.test(credential)) return undefined;
  if (!isText(rotationId) || !isText(attemptId) || !isText(handle) || !isText(issuedAt)) return undefined;
  const message: Message = { phase, credential, attempt: attemptId, version: undefined };
  if (phase === "abort" || (phase === "promote" && parts === undefined)) return message;
  if (!isRecord(parts) || !Object.values(parts).every((part) => typeof part === "string")) return undefined;
  // Every value was checked to be a string just before.
  return {
    ...message,
    version: { attempt: attemptId, handle, issuedAt, parts: parts as Record<string, string> },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Answers to strangers are not signed: a signature over what they chose would help them to forge one. */
function refuse(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify({ error }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function hmac(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}
