interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Every element of a document in its order. Throws where its tags do not match or a character is not escaped. */
export function xmlElements(xml: string): readonly XmlElement[] {
  const elements: XmlElement[] = [];
  const open: string[] = [];
  const tag = /<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<>]*")*)(\/?)>/y;
  const body = xml.replace(/^<\?xml [^>]*\?>\n/, "");
  for (let at = 0; at < body.length; ) {
    if (body[at] !== "<") {
      const end = body.indexOf("<", at);
      const text = body.slice(at, end === -1 ? body.length : end);
      if (/>|&(?!(?:amp|lt|gt|quot|apos);)/.test(text)) throw new Error(`not escaped: ${text}`);
      at += text.length;
      continue;
    }
    tag.lastIndex = at;
    const found = tag.exec(body);
    if (found === null) throw new Error(`no tag: ${body.slice(at, at + 80)}`);
    const [whole, closed, name, attributes = "", isEmpty] = found;
    at += whole.length;
    if (closed !== undefined) {
      if (open.pop() !== closed) throw new Error(`</${closed}> closes nothing`);
    } else if (name !== undefined) {
      elements.push({ name, attributes: attributesIn(attributes) });
      if (isEmpty === "") open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(", ")}`);
  return elements;
}

function attributesIn(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}
