/**
 * A text through an encoder, cut so that what comes out has at most `limit` UTF-16 units: signs may become longer in
 * the encoding, and a cut in what was encoded could cut one of them in two.
 */
export function within(encode: (text: string, most: number) => string, text: string, limit: number): string {
  let most = limit;
  let encoded = encode(text, most);
  while (encoded.length > limit && most > 0) {
    most = Math.min(most - 1, Math.floor((most * limit) / encoded.length));
    encoded = encode(text, most);
  }
  return encoded;
}
