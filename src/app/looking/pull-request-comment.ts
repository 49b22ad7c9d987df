import { githubForge } from "../../adapters/forges/github/forge.ts";
import { createProgress, type ProgressSink } from "../../adapters/runtime/progress.ts";
import { createSecretSource } from "../../adapters/runtime/secret-source.ts";
import type { ImpactReport } from "../../core/impact/impact-report.ts";
import { keptOut } from "../acting/kept-out.ts";
import { IMPACT_MARKER, impactComment } from "./impact-comment.ts";

export interface CommentOptions {
  /** Of the workflow: names the repository, the address of the API and the token. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: ProgressSink;
  /** Told every form of the token before it is used. */
  readonly mask: (form: string) => void;
  readonly signal: AbortSignal;
}

const LIMIT_SECONDS = 30;

/**
 * Keeps the one comment that says what a pull request does; one that touches nothing gets none, unless it did before. Nothing of the documents says where the token is sent:
 * they are those of the pull request, which nobody has agreed on.
 */
export async function keepImpactComment(
  number: number,
  report: ImpactReport,
  touches: boolean,
  { env, progress: sink, mask, signal }: CommentOptions,
): Promise<void> {
  const progress = createProgress(sink, mask);
  const warn = (message: string): void => progress.warn(message);
  const forge = await githubForge(
    { kind: "github" },
    {
      env,
      secrets: keptOut(createSecretSource({ env, warn }), progress),
      remoteUrl: async () => undefined,
      readFile: async () => undefined,
      warn,
    },
  );
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_SECONDS * 1000)]);
  await forge.keepComment(
    number,
    IMPACT_MARKER,
    impactComment(report),
    limit,
    ...(touches ? [] : (["change-only"] as const)),
  );
}
