import { resolve } from "node:path";
import type { Command } from "../command.ts";

export const schema: Command = {
  name: "schema",
  group: "Set up",
  summary: "Write the JSON Schemas of documents and outputs, for editors and other tools.",
  args: [],
  options: [
    {
      name: "out",
      value: "DIR",
      summary: "Folder to write them to, one file per kind; without it they are printed as one object.",
    },
  ],
  examples: [{ line: "cre schema --out registry/schema", does: "Refresh the schemas that editors use" }],
  run: async (invocation, context) => {
    const { jsonSchemas } = await import("../../core/documents/json-schemas.ts");
    const out = invocation.value("out");
    const schemas = jsonSchemas();
    if (out === undefined) {
      context.terminal.result(`${JSON.stringify(Object.fromEntries(schemas), undefined, 2)}\n`);
      return 0;
    }
    const { mkdir, writeFile } = await import("node:fs/promises");
    const folder = resolve(context.cwd, out);
    await mkdir(folder, { recursive: true });
    for (const [name, content] of schemas)
      await writeFile(resolve(folder, name), `${JSON.stringify(content, undefined, 2)}\n`);
    context.terminal.result(`${schemas.size} schemas are in ${folder}.\n`);
    return 0;
  },
};
