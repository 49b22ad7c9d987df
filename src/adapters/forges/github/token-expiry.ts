import { type Instant, instantOf } from "../../../core/model/instant.ts";

/** GitHub writes `2031-01-01 00:00:00 UTC`, and an offset where the account has a time zone. */
const FORM = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}) (?:(UTC)|([+-]\d{2}):?(\d{2}))$/;

/** The end of a token's life by the header that GitHub adds to every answer; undefined where it has none. */
export function expiryOf(header: string | undefined): Instant | undefined {
  const [, day, time, utc, hours, minutes] = FORM.exec(header ?? "") ?? [];
  if (day === undefined) return undefined;
  const at = Date.parse(`${day}T${time}${utc === undefined ? `${hours}:${minutes}` : "Z"}`);
  return Number.isNaN(at) ? undefined : instantOf(at / 1000);
}
