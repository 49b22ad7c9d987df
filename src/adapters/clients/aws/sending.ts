import { EffectError } from "../../../core/model/errors.ts";
import { type AwsCall, awsFailure } from "./failure.ts";

/** What any client of the SDK is here: it has a login, which it gets when it is first used. */
interface LoggedIn {
  readonly config: { readonly credentials: () => Promise<unknown> };
}

/** Two clients of one service, each made when it is first used: questions are sent again, effects once. */
export interface TwoClients<C> {
  asking(): Promise<C>;
  acting(): Promise<C>;
}

/** Makes each client at most once; one that could not be made is tried again. */
export function twoClients<C>(open: (use: "question" | "effect") => Promise<C>): TwoClients<C> {
  const made = new Map<string, C>();
  const get = async (use: "question" | "effect"): Promise<C> => {
    const client = made.get(use) ?? (await open(use));
    made.set(use, client);
    return client;
  };
  return { asking: async () => get("question"), acting: async () => get("effect") };
}

/**
 * One call of the SDK. Rejects with the EffectError of {@link awsFailure}; `refused` when the run was interrupted
 * before, or when there is no login: nothing was sent then, whatever became of asking for the login.
 */
export async function send<C extends LoggedIn, T>(
  client: Promise<C>,
  call: AwsCall,
  signal: AbortSignal,
  act: (client: C, options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const ready = await loggedIn(client, call, signal);
  if (signal.aborted) throw interrupted(call);
  try {
    return await act(ready, { abortSignal: signal });
  } catch (error) {
    throw awsFailure(error, call);
  }
}

/** A role that cannot be assumed is told as such, not as the call that it was for. */
async function loggedIn<C extends LoggedIn>(
  client: Promise<C>,
  call: AwsCall,
  signal: AbortSignal,
): Promise<C> {
  const { place, action } = call;
  try {
    const ready = await client;
    await endedBy(signal, ready.config.credentials(), call);
    return ready;
  } catch (error) {
    if (signal.aborted) throw interrupted(call);
    const { code, message, evidence, fix, retryable } = awsFailure(error, {
      place,
      action: loginAction(error),
    });
    throw new EffectError("refused", code, `${message} (before ${action})`, {
      ...(evidence === undefined ? {} : { evidence }),
      ...(fix === undefined ? {} : { fix }),
      retryable,
    });
  }
}

/** By a token or from another login: STS names the former when it refuses it. */
function loginAction(error: unknown): string {
  const text = error instanceof Error ? `${error.name} ${error.message}` : "";
  return /WebIdentity|IdentityToken|IDPRejectedClaim|ExpiredTokenException/.test(text)
    ? "sts:AssumeRoleWithWebIdentity"
    : "sts:AssumeRole";
}

/** Whoever asks for the login takes no signal. */
async function endedBy(signal: AbortSignal, login: Promise<unknown>, call: AwsCall): Promise<void> {
  await new Promise<unknown>((resolve, reject) => {
    const end = (): void => reject(interrupted(call));
    void login.then(resolve, reject).finally(() => signal.removeEventListener("abort", end));
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

function interrupted({ action, place }: AwsCall): EffectError {
  return new EffectError("refused", "interrupted", `interrupted before ${action} was sent to ${place}`);
}
