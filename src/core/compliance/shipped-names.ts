/** Frameworks that the product ships, by name: files of `frameworks/`. */
export const SHIPPED_FRAMEWORKS = [
  "soc2",
  "iso27001",
  "pci-dss",
  "nist-800-53",
  "cis-aws",
  "hipaa",
  "nis2",
  "dora",
] as const;

/** An entry of `reports.frameworks` that is the path of somebody's own file. */
export function isFrameworkFile(entry: string): boolean {
  return /\.ya?ml$/.test(entry);
}
