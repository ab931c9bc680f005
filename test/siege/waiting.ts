/** Waits of real time: nothing else brings what other processes do. */

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Looks again and again until it is so, or the patience is over; says which. */
export async function becomes(condition: () => Promise<boolean> | boolean, patienceMs: number): Promise<boolean> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= endMs) return false;
    await sleep(20);
  }
}

/** Whether the work is done in that time. */
export async function within(work: Promise<unknown>, patienceMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), patienceMs);
  });
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
