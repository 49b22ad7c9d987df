import type * as X509 from "@peculiar/x509";

/** The X.509 library, loaded when it is first used. It wants a global of `reflect-metadata` and does not bring it. */
export async function loadX509(): Promise<typeof X509> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
