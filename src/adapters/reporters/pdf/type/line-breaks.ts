/** Scripts that are written without spaces, between whose letters a line may end. */
const WITHOUT_SPACES =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff00-\uffef]|[^\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff00-\uffef]+/gu;
const MAY_HAVE_NONE = /[\u2e80-\uffff]/;
/** After these a long name is better cut than within a word. */
const GOOD_PLACES = /[-./:_@,;|+]/;

interface Token {
  readonly text: string;
  readonly isAfterSpace: boolean;
}

/** A text as lines of at most this width; a word that is wider than a line is cut. `widthOf` is that of a word. */
export function linesOf(
  text: string,
  width: number,
  widthOf: (word: string) => number,
  most = Number.POSITIVE_INFINITY,
): readonly string[] {
  const space = widthOf(" ");
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const { text: word, isAfterSpace } of tokensOf(text, width, widthOf)) {
    const gap = isAfterSpace && line !== "" ? space : 0;
    const wide = widthOf(word);
    if (line !== "" && used + gap + wide > width) {
      lines.push(line);
      line = "";
      used = 0;
    }
    line += line !== "" && isAfterSpace ? ` ${word}` : word;
    used += (used === 0 ? 0 : gap) + wide;
  }
  if (line !== "" || lines.length === 0) lines.push(line);
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), `${(lines[most - 1] ?? "").replace(/.{1,2}$/u, "")}…`];
}

function tokensOf(text: string, width: number, widthOf: (word: string) => number): readonly Token[] {
  return text.split(" ").flatMap((word) => {
    const pieces = MAY_HAVE_NONE.test(word) ? (word.match(WITHOUT_SPACES) ?? [word]) : [word];
    return pieces
      .flatMap((piece) => (widthOf(piece) > width ? cut(piece, width, widthOf) : [piece]))
      .map((piece, at): Token => ({ text: piece, isAfterSpace: at === 0 }));
  });
}

function cut(word: string, width: number, widthOf: (word: string) => number): readonly string[] {
  const pieces: string[] = [];
  let rest = Array.from(word);
  while (rest.length > 0) {
    const most = fitting(rest, width, widthOf);
    const good = most === rest.length ? -1 : rest.slice(0, most).findLastIndex(isGoodPlace);
    const length = good > most / 3 ? good + 1 : most;
    pieces.push(rest.slice(0, length).join(""));
    rest = rest.slice(length);
  }
  return pieces;
}

function isGoodPlace(character: string): boolean {
  return GOOD_PLACES.test(character);
}

/** How many of the characters fit; at least one. */
function fitting(characters: readonly string[], width: number, widthOf: (word: string) => number): number {
  let used = 0;
  for (const [at, character] of characters.entries()) {
    used += widthOf(character);
    if (used > width && at > 0) return at;
  }
  return characters.length;
}
