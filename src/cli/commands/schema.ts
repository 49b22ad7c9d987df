import type { Command } from "../command.ts";
import { json, wantsJson } from "../looking.ts";

export const schema: Command = {
  name: "schema",
  group: "Set up",
  summary: "Write the JSON Schemas of documents and outputs, for editors and other tools.",
  args: [],
  options: [
    {
      name: "out",
      value: "DIR",
      summary: "Folder to write them to, one file each; without it they are printed as one JSON object.",
    },
  ],
  examples: [{ line: "cre schema --out registry/schema", does: "Refresh the schemas that editors use" }],
  run: async (invocation, { cwd, terminal }) => {
    const { schemaObject, writeSchemas } = await import("../../app/looking/schemas.ts");
    const out = invocation.value("out");
    if (out === undefined) {
      terminal.result(json(schemaObject()));
      return 0;
    }
    const { folder, files } = writeSchemas(cwd, out);
    terminal.result(
      wantsJson(invocation) ? json({ folder, files }) : files.map((file) => `${out}/${file}\n`).join(""),
    );
    return 0;
  },
};
