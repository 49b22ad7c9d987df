/**
 * The id of a control in the words of OSCAL, whose ids are names that begin with a letter. Those of NIST SP 800-53 are
 * the ones of its official catalog (`ia-5`, `ac-2.3`); others are local, `pci-dss_8.6.3`.
 */
export function controlId(framework: string, id: string): string {
  if (framework === "nist-800-53") return id.toLowerCase().replaceAll(/\((\d+)\)/g, ".$1");
  return `${framework}_${id
    .toLowerCase()
    .replaceAll(/[^a-z0-9.]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")}`;
}
