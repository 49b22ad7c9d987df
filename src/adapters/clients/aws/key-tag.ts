/** The name of the tag that marks this key: keys have no tags of their own, so their user carries them. */
export function keyTag(keyId: string): string {
  return `cre/${keyId}`;
}
