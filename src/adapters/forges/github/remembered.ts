/** Asks once; every later caller gets the same answer. A failure is not kept. */
export function remembered<T>(ask: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let known: Promise<T> | undefined;
  return async (signal) => {
    const asked = known ?? ask(signal);
    known = asked;
    try {
      return await asked;
    } catch (error) {
      if (known === asked) known = undefined;
      throw error;
    }
  };
}
