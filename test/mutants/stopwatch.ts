/** What something takes: by the clock, and of the processor, in milliseconds. */
export function stopwatch(): () => { readonly ms: number; readonly cpuMs: number } {
  const since = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - since, cpuMs: (user + system) / 1_000 };
  };
}
