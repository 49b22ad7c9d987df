import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The two programs that a real API server needs. */
export interface KubernetesBinaries {
  readonly apiserver: string;
  readonly etcd: string;
}

/**
 * `kube-apiserver` and `etcd` of the folder `CRE_TEST_KUBERNETES_APISERVER`, or of the search path; undefined where one
 * of the two is missing.
 */
export function findKubernetes(env: NodeJS.ProcessEnv = process.env): KubernetesBinaries | undefined {
  const folders = [env["CRE_TEST_KUBERNETES_APISERVER"] ?? "", ...(env["PATH"] ?? "").split(delimiter)];
  const find = (name: string): string | undefined =>
    folders
      .filter((folder) => folder !== "")
      .map((folder) => join(folder, name))
      .find(isExecutable);
  const [apiserver, etcd] = [find("kube-apiserver"), find("etcd")];
  return apiserver === undefined || etcd === undefined ? undefined : { apiserver, etcd };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
