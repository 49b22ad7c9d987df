/** The X.509 library, loaded when it is first used. It wants a global of `reflect-metadata` and does not bring it. */
export async function loadX509(): Promise<typeof import("@peculiar/x509")> {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
