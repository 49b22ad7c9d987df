import { Lexer } from "yaml";

/** The lexer puts this before the text of every plain and block scalar. */
const SCALAR = "\u001f";

/** Every comment of a YAML text with its `#`, in order. */
export function commentsOf(text: string): string[] {
  const comments: string[] = [];
  let before = "";
  for (const token of new Lexer().lex(text)) {
    if (before !== SCALAR && token.startsWith("#")) comments.push(token.trimEnd());
    before = token;
  }
  return comments;
}
