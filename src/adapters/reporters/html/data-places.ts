/** So many credentials are read at once when somebody opens one of them. */
export const DETAILS_PER_BLOB = 128;

/** Id of the element that carries the columns of all credentials. */
export const COLUMNS_ID = "columns";

/** Id of the element that carries the details of some credentials. */
export function detailsId(blob: number): string {
  return `details-${blob}`;
}

/** The part of an address that opens a credential. */
export function credentialHash(name: string): string {
  return `#credential/${encodeURIComponent(name)}`;
}
