/** Faults of clocks: they run fast or slow, jump, or stop while the machine sleeps. */
import type { CLOCK_FAULTS } from './classes.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof CLOCK_FAULTS)[number], (stage: FaultStage) => void>>;

export const clockFaults: Faults = {
  // Two clocks differ by less than the ratio that leases allow, 1.25 (L1): by at most 1.22, if they are at opposite
  // ends.
  drift: (stage) => rates(stage, 0.9, 1.1),
  'drift-beyond': (stage) => rates(stage, 0.3, 3),
  'wall-jump': (stage) =>
    stage.repeatedly(stage.scaled(10_000, 1_000), () => {
      const name = stage.random.pick(stage.everybody);
      const byMs = (stage.random.chance(0.5) ? 1 : -1) * 10 ** (stage.random.number() * 7);
      stage.strike(`the wall clock of ${name} jumps by ${byMs.toFixed(0)} ms`, name);
      stage.process(name).jumpWallClock(byMs);
    }),
  // As when a laptop is closed or a virtual machine is moved: only the wall clock shows the time that passed.
  suspend: (stage) =>
    stage.repeatedly(stage.scaled(12_000, 2_500), () => {
      const name = stage.random.pick(stage.everybody);
      const long = stage.random.chance(0.5) ? stage.random.number() * 600 : stage.random.exponential(1_500);
      // Half of the time that the service has to answer again after the faults: nothing wakes a machine before.
      const ms = Math.min(long, 5_000);
      stage.strike(`the machine of ${name} sleeps for ${ms.toFixed(0)} ms`, name);
      stage.process(name).suspend(ms);
    }),
};

function rates(stage: FaultStage, low: number, high: number): void {
  const set = (name: string) => {
    const place = stage.random.chance(stage.strength / 2) ? stage.random.integer(0, 1) : stage.random.number();
    const rate = low * (high / low) ** place;
    stage.strike(`the clock of ${name} runs at ${rate.toFixed(3)}`, name);
    stage.process(name).setClockRate(rate);
  };
  stage.later(0, () => {
    for (const name of stage.nodes) set(name);
  });
  stage.repeatedly(5_000, () => set(stage.random.pick(stage.nodes)));
}
