import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Backend, Created, Evidence, LastUse, Mark, Version } from "./contract.ts";
import { loadText, saveText } from "./state-file.ts";

/** What is kept of a token: not the token itself, so a file that leaks gives nobody access. */
interface Token {
  readonly handle: string;
  readonly slot: string;
  /** Hex SHA-256; a token has 256 random bits, so nothing slower is needed. */
  readonly hash: string;
  readonly live: boolean;
  readonly createdAt: string;
  readonly mark: Mark | null;
  readonly lastUsedAt: string | null;
}

type Tokens = ReadonlyMap<string, readonly Token[]>;

export interface TokenService extends Backend {
  /** Makes an object that may have tokens. Idempotent. */
  addObject(object: string): Promise<void>;
  /** A token as a person makes one, without a mark; undefined when both slots are taken. */
  createByHand(object: string): Promise<Created | undefined>;
  /**
   * Which object a token logs in to, if any. A try with a deactivated one counts as use, too: somebody still has it, and
   * the runner brings it back.
   */
  logIn(token: string): Promise<string | undefined>;
  /** `GET` with `Authorization: Bearer TOKEN`: 200 with the object, or 401. */
  readonly whoami: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface TokenServiceOptions {
  /** The file that everything is kept in. Without one it is kept in memory only. */
  readonly path?: string;
  /** Milliseconds since 1970, default `Date.now`. */
  readonly clock?: () => number;
}

const SLOTS = ["1", "2"] as const;

/** A small service with bearer tokens, two for each object: what stands in for a team's own platform. */
export async function openTokenService(options: TokenServiceOptions = {}): Promise<TokenService> {
  const { path, clock = Date.now } = options;
  const now = (): string => `${new Date(clock()).toISOString().slice(0, 19)}Z`;
  let tokens: Tokens = parse(path === undefined ? undefined : await loadText(path));
  let turn: Promise<unknown> = Promise.resolve();

  /** One change after the other; it is in force when it is durable, and not at all when that fails. */
  async function change<T>(make: (before: Tokens) => readonly [Tokens, T]): Promise<T> {
    const mine = turn.then(async () => {
      const [after, result] = make(tokens);
      if (after !== tokens && path !== undefined) await saveText(path, `${JSON.stringify([...after])}\n`);
      tokens = after;
      return result;
    });
    turn = mine.catch(() => {});
    return mine;
  }

  async function edit(object: string, handle: string, fields: Partial<Token>): Promise<void> {
    await change((before) => {
      return [withToken(before, object, handle, fields), undefined];
    });
  }

  async function make(object: string, slot: string, mark: Mark | null): Promise<Created> {
    const token = `tok_${randomBytes(32).toString("base64url")}`;
    const made: Token = {
      handle: `token-${randomBytes(6).toString("hex")}`,
      slot,
      hash: hashOf(token),
      live: true,
      createdAt: now(),
      mark,
      lastUsedAt: null,
    };
    return change((before) => {
      if (of(before, object).some((one) => one.slot === slot)) throw new Error("the slot is taken");
      const after = withTokens(before, object, [...of(before, object), made]);
      return [after, { handle: made.handle, createdAt: made.createdAt, parts: { token } }];
    });
  }

  async function logIn(token: string): Promise<string | undefined> {
    const hash = hashOf(token);
    return change((before) => {
      for (const [object, all] of before) {
        const found = all.find((one) => one.hash === hash);
        if (found === undefined) continue;
        const result = found.live ? object : undefined;
        // Durable before the answer: a use that is forgotten would pass for silence. Once a second is enough.
        if (found.lastUsedAt === now()) return [before, result];
        return [withToken(before, object, found.handle, { lastUsedAt: now() }), result];
      }
      return [before, undefined];
    });
  }

  async function answerWhoami(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, token] = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? "") ?? [];
    const object = token === undefined ? undefined : await logIn(token);
    const isKnown = object !== undefined;
    response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify(isKnown ? { object } : { error: "no such token" }));
  }

  return {
    parts: ["token"],
    slots: SLOTS.length,
    addObject: async (object) =>
      change((before) => [before.has(object) ? before : withTokens(before, object, []), undefined]),
    createByHand: async (object) => {
      const slot = SLOTS.find((one) => of(tokens, object).every((token) => token.slot !== one));
      return slot === undefined ? undefined : make(object, slot, null);
    },
    logIn,
    whoami: (request, response) => {
      answerWhoami(request, response).catch(() => response.destroy());
    },
    versions: async (object) => tokens.get(object)?.map(versionOf),
    create: make,
    setMark: async (object, handle, mark) => edit(object, handle, { mark }),
    setLive: async (object, handle, live, mark) => edit(object, handle, { live, mark }),
    remove: async (object, handle) =>
      change((before) => {
        const left = of(before, object).filter((one) => one.handle !== handle);
        return [withTokens(before, object, left), undefined];
      }),
    // The comparison that `logIn` makes, and no use: nobody but this server can ask this way.
    accepts: async (object, handle, parts) =>
      of(tokens, object).some(
        (one) => one.handle === handle && one.live && one.hash === hashOf(parts["token"] ?? ""),
      ),
    lastUse: async (object, handle): Promise<LastUse> => {
      const found = of(tokens, object).find((one) => one.handle === handle);
      if (found === undefined) return { known: false, why: "it is gone" };
      return { known: true, at: found.lastUsedAt, sampled: false };
    },
    // A token mints nothing: it is dead when it is gone.
    contain: async (object, handle): Promise<readonly Evidence[]> => {
      const isDead = of(tokens, object).every((one) => one.handle !== handle || !one.live);
      return [{ place: `tokens of ${object}`, dead: isDead, detail: isDead ? "refused" : "still accepted" }];
    },
  };
}

function versionOf({ handle, slot, live, createdAt, mark, lastUsedAt }: Token): Version {
  const note = lastUsedAt === null ? "never used" : `last used at ${lastUsedAt}`;
  return { handle, slot, live, reactivatable: !live, createdAt, mark, note };
}

function of(tokens: Tokens, object: string): readonly Token[] {
  return tokens.get(object) ?? [];
}

function withTokens(before: Tokens, object: string, all: readonly Token[]): Tokens {
  return new Map([...before, [object, all]]);
}

function withToken(before: Tokens, object: string, handle: string, fields: Partial<Token>): Tokens {
  const changed = of(before, object).map((one) =>
    one.handle === handle ? Object.assign({}, one, fields) : one,
  );
  return withTokens(before, object, changed);
}

function parse(text: string | undefined): Tokens {
  // `as`: our own file, written by `change`.
  return new Map(text === undefined ? [] : (JSON.parse(text) as [string, readonly Token[]][]));
}

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
