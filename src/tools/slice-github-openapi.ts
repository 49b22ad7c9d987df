/**
 * Takes out of GitHub's own description of its API what the product calls, for the stand-in of the tests:
 *
 *   npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-*.tgz package/generated/api.github.com.json
 *   node src/tools/slice-github-openapi.ts package/generated/api.github.com.json
 *
 * Add the paths that new code calls to PATHS, or to ROUTES where only some of their methods are. Texts and examples are left out, except one repository as
 * GitHub shows it; the schemas stay as they are.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const TARGET = new URL("../testing/services/github/openapi.json", import.meta.url);

const SECRETS = ["secrets/public-key", "secrets/{secret_name}", "variables", "variables/{name}"];
const PATHS: readonly string[] = [
  "/repos/{owner}/{repo}",
  ...SECRETS.flatMap((path) => [
    `/repos/{owner}/{repo}/actions/${path}`,
    `/repos/{owner}/{repo}/environments/{environment_name}/${path}`,
    `/orgs/{org}/actions/${path}`,
  ]),
  "/orgs/{org}/actions/secrets/{secret_name}/repositories",
].toSorted();

/** The methods that are called at other paths. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  "/orgs/{org}/actions/secrets": ["get"],
  "/orgs/{org}/repos": ["get"],
};

/** Below a repository; the methods that are called there. */
const ROUTES: Readonly<Record<string, readonly string[]>> = {
  "/actions/runs/{run_id}": ["get"],
  "/actions/secrets": ["get"],
  "/actions/workflows": ["get"],
  "/actions/workflows/{workflow_id}/dispatches": ["post"],
  "/activity": ["get"],
  "/assignees/{assignee}": ["get"],
  "/commits": ["get"],
  "/commits/{commit_sha}/pulls": ["get"],
  "/commits/{ref}": ["get"],
  "/compare/{basehead}": ["get"],
  "/contents/{path}": ["get", "put"],
  "/environments": ["get"],
  "/environments/{environment_name}/secrets": ["get"],
  "/git/blobs/{file_sha}": ["get"],
  "/git/ref/{ref}": ["get"],
  "/git/refs": ["post"],
  "/issues": ["get", "post"],
  "/issues/comments/{comment_id}": ["patch", "delete"],
  "/issues/{issue_number}": ["get", "patch"],
  "/issues/{issue_number}/comments": ["get", "post"],
  "/issues/{issue_number}/labels": ["post"],
  "/labels": ["get", "post"],
  "/pulls": ["get", "post"],
  "/pulls/{pull_number}": ["get"],
  "/pulls/{pull_number}/commits": ["get"],
  "/pulls/{pull_number}/reviews": ["get"],
};

/** What is for people or for generators of code, and says nothing about what is valid. */
const UNUSED = new Set(["description", "summary", "example", "examples", "externalDocs", "tags", "title"]);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

function slim(value: Json, within = ""): Json {
  if (Array.isArray(value)) return value.map((item: Json) => slim(item));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    // A property may be called "description" itself.
    ([key]) => within === "properties" || !(UNUSED.has(key) || key.startsWith("x-")),
  );
  return Object.fromEntries(kept.map(([key, item]) => [key, slim(item, within === "properties" ? "" : key)]));
}

function referencesIn(value: Json): readonly string[] {
  return [...JSON.stringify(value).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1] ?? "");
}

function at(document: Json, path: readonly string[]): Json {
  let found = document;
  for (const step of path) {
    if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error(path.join("/"));
    // `as`: neither null nor a list.
    const next = (found as { readonly [key: string]: Json })[step];
    if (next === undefined) throw new Error(`there is no ${path.join("/")}`);
    found = next;
  }
  return found;
}

function sliced(document: Json): Json {
  const whole = PATHS.map((path) => [path, slim(at(document, ["paths", path]))] as const);
  const routes = Object.entries(ROUTES).map(
    ([route, methods]) => [`/repos/{owner}/{repo}${route}`, methods] as const,
  );
  const parts = [...routes, ...Object.entries(LISTS)].map(([path, methods]): [string, Json] => {
    return [
      path,
      Object.fromEntries(methods.map((name) => [name, slim(at(document, ["paths", path, name]))])),
    ];
  });
  const paths: Json = Object.fromEntries([...whole, ...parts].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const components: Record<string, Record<string, Json>> = {};
  const open = [...referencesIn(paths)];
  for (let reference = open.pop(); reference !== undefined; reference = open.pop()) {
    const [, group = "", name = ""] = reference.split("/");
    const there = (components[group] ??= {});
    if (there[name] !== undefined) continue;
    there[name] = slim(at(document, ["components", group, name]));
    open.push(...referencesIn(there[name]));
  }
  const sorted = Object.entries(components).map(([group, entries]) => {
    const inOrder = Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [group, Object.fromEntries(inOrder)] as const;
  });
  return {
    openapi: at(document, ["openapi"]),
    info: {
      title: "A slice of GitHub's description of its REST API, made by src/tools/slice-github-openapi.ts",
      version: at(document, ["info", "version"]),
      license: { name: "MIT", url: "https://github.com/octokit/openapi/blob/main/LICENSE" },
    },
    paths,
    components: Object.fromEntries(sorted),
    "x-repository": at(document, ["components", "examples", "full-repository-default-response", "value"]),
  };
}

const [, , source] = process.argv;
if (source === undefined) throw new Error("name the file api.github.com.json of @octokit/openapi");
const document: Json = JSON.parse(readFileSync(source, "utf8"));
writeFileSync(TARGET, `${JSON.stringify(sliced(document), undefined, 1)}\n`);
console.log(`wrote ${fileURLToPath(TARGET)}`);
