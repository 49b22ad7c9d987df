/** Resolves after so many seconds, or at once when the signal aborts. */
export async function pause(seconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((done) => {
    const timer = setTimeout(done, seconds * 1000);
    signal.addEventListener("abort", () => done(), { once: true });
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
}
