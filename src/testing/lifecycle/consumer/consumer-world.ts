/** Where the application signs in with what it was handed, as it sees these places. */
export interface ConsumerWorld {
  readonly postgresql: { readonly host: string; readonly port: number; readonly database: string };
  readonly aws: { readonly endpoint: string; readonly region: string };
  readonly ssh: {
    readonly host: string;
    readonly port: number;
    readonly hostKey: string;
    readonly user: string;
  };
  /** Keycloak's token endpoint. */
  readonly oauth: { readonly url: string };
}

/** The parts of one version, by name. */
export type Parts = Readonly<Record<string, string>>;

/** What can be signed in with; a certificate is served instead. */
export type LoginKind = "postgresql" | "aws" | "ssh" | "oauth";

/** What the application is told before the story begins. */
export interface Beginning {
  readonly world: ConsumerWorld;
  /** Key of the webhook. */
  readonly key: { readonly id: string; readonly secret: string };
  /** What it was installed with, by credential; the one without `kind` is its certificate. */
  readonly installed: Readonly<Record<string, { readonly kind?: LoginKind; readonly parts: Parts }>>;
}

/** How often the application signed in with one credential. */
export interface LoginCount {
  logins: number;
  failures: number;
  lastError: string | null;
}

/** What the application says of itself. */
export interface ConsumerTally {
  readonly counts: Readonly<Record<string, LoginCount>>;
  readonly handles: Readonly<
    Record<string, { readonly current: string | null; readonly pending: string | null }>
  >;
  /** All that it was ever handed, by credential and handle: a test asks whether they work, and searches for them. */
  readonly versions: Readonly<Record<string, Parts>>;
}

/** A delivery that the application keeps waiting. */
export interface HeldDelivery {
  readonly phase: "stage" | "promote";
  readonly credential: string;
}
