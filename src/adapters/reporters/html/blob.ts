/**
 * A value as a page carries it: JSON, deflated, in Base64. Not by the platform's zlib, whose bytes differ from one kind
 * of processor to another: the same report is the same page everywhere.
 */
export async function blobOf(value: unknown): Promise<string> {
  const { deflateSync } = await import("fflate");
  const bytes = deflateSync(new TextEncoder().encode(JSON.stringify(value)), { level: 9 });
  return Buffer.from(bytes).toString("base64");
}
