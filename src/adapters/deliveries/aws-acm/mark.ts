/** Which attempt a certificate came with. */
export interface Mark {
  readonly attempt: string;
  /** Lower-case hex SHA-256 of the certificate. */
  readonly fingerprint: string;
}

/** The tag that holds the marks. */
export const MARK_TAG = "cre";

const MARK = /^([A-Za-z0-9._-]{1,80})=([0-9a-f]{64})$/;
/** Limit of the service for the value of a tag. */
const LONGEST_VALUE = 256;

/**
 * The value of the tag: newest first. The one whose fingerprint is the certificate's own is the one that holds, so the
 * tag can be written before the import, and both the old and the new certificate are known whatever becomes of it.
 */
export function markText(marks: readonly Mark[]): string {
  let value = "";
  for (const { attempt, fingerprint } of marks) {
    const longer = `${value} ${attempt}=${fingerprint}`.trimStart();
    if (longer.length > LONGEST_VALUE) break;
    value = longer;
  }
  return value;
}

/** The marks of a tag's value; what is none is left out. */
export function marksIn(value: string | undefined): readonly Mark[] {
  return (value ?? "").split(" ").flatMap((text) => {
    const [, attempt, fingerprint] = MARK.exec(text) ?? [];
    return attempt === undefined || fingerprint === undefined ? [] : [{ attempt, fingerprint }];
  });
}
