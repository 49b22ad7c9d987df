/** Settings whose one source, `served`, looks at these ports of this machine; `more` are further lines of their spec. */
export function servedSettings(ports: readonly number[], more = ""): string {
  return `apiVersion: cre/v1
kind: Settings
metadata: { name: settings }
spec:
  teams: { web: { mail: web@example.com, github: acme/web } }
  network: { scan: ["127.0.0.1:*"] }
${more}  discovery:
    - name: served
      tls: { endpoints: [${ports.map((port) => `"127.0.0.1:${port}"`).join(", ")}] }
`;
}
