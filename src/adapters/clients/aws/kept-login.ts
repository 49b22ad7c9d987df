import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@aws-sdk/types";

/** A login is asked for anew so long before it ends, in milliseconds: as the SDK has it. */
const EARLY = 300_000;

/**
 * One login for several clients: asked for when the first of them needs it, and again when it is about to end. One that
 * failed is asked for anew.
 */
export function keptLogin(open: () => Promise<AwsCredentialIdentityProvider>): AwsCredentialIdentityProvider {
  let kept: Promise<AwsCredentialIdentity> | undefined;
  return async () => {
    const before = kept;
    const identity = await before?.catch(() => undefined);
    if (identity !== undefined && !isEnding(identity)) return identity;
    // Whoever asks at the same moment waits for the same answer.
    const asked = kept === before || kept === undefined ? open().then(async (provider) => provider()) : kept;
    kept = asked;
    return asked;
  };
}

function isEnding({ expiration }: AwsCredentialIdentity): boolean {
  return expiration !== undefined && expiration.getTime() - Date.now() < EARLY;
}
