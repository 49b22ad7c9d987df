import type { PolicyRule } from "./permissions.ts";

/** A Kubernetes API to test on: the real one, or a stand-in under the same contract. */
export interface KubernetesServer {
  readonly name: string;
  readonly url: string;
  /** PEM, where the server speaks TLS. */
  readonly ca: string | undefined;
  readonly tokens: {
    /** May do everything. */
    readonly admin: string;
    /** May do what `allow` says. */
    readonly runner: string;
  };
  addNamespace(name: string): Promise<void>;
  /** From now on the runner may do this in the namespace, and nothing else there. */
  allow(namespace: string, rules: readonly PolicyRule[]): Promise<void>;
  close(): Promise<void>;
}
