/** Calls `tell` with the whole seconds left, now and each second down to 0. Returns what stops it. */
export function countdown(seconds: number, signal: AbortSignal, tell: (left: number) => void): () => void {
  const end = Date.now() + seconds * 1000;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => clearInterval(timer);
  const tick = (): void => {
    // By the clock, not by counting: timers sleep in hidden tabs.
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    if (left === 0) stop();
    tell(left);
  };
  timer = setInterval(tick, 1000);
  signal.addEventListener("abort", stop);
  tick();
  return stop;
}
