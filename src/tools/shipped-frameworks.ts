import { readFileSync } from "node:fs";
import { SHIPPED_FRAMEWORKS } from "../core/compliance/shipped-names.ts";

/**
 * The module that carries the text of `frameworks/*.yaml`. In it they go wherever the program goes, the bundle of the action
 * included, where no folder can be relied on.
 */
export function shippedFrameworksModule(): string {
  const texts = SHIPPED_FRAMEWORKS.map((name) => {
    const text = readFileSync(new URL(`../../frameworks/${name}.yaml`, import.meta.url), "utf8");
    return `  ${/^\w+$/.test(name) ? name : JSON.stringify(name)}: \`${text.replaceAll(/[\\`]|\$\{/g, "\\$&")}\`,\n`;
  });
  return `// Made from frameworks/*.yaml by \`npm run generate\`.
import type { SHIPPED_FRAMEWORKS } from "../../core/compliance/shipped-names.ts";

/** Text of the shipped frameworks, by name. */
export const FRAMEWORK_TEXTS: Readonly<Record<(typeof SHIPPED_FRAMEWORKS)[number], string>> = {
${texts.join("")}};
`;
}
