/** What goes wrong with clocks: they run fast or slow, and somebody sets them. */
import type { CLOCK_FAULTS } from './classes.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof CLOCK_FAULTS)[number], (stage: FaultStage) => void>>;

export const clockFaults: Faults = {
  // Two clocks differ by less than the ratio that leases allow for, 1.25 (L1).
  drift: (stage) => rates(stage, 0.9, 1.1),
  'drift-beyond': (stage) => rates(stage, 0.3, 3),
  'wall-jump': (stage) =>
    stage.repeatedly(stage.scaled(10_000, 1_000), () => {
      const name = stage.random.pick(stage.everybody);
      const byMs = (stage.random.chance(0.5) ? 1 : -1) * 10 ** (stage.random.number() * 7);
      stage.strike(`the wall clock of ${name} jumps by ${byMs.toFixed(0)} ms`, name);
      stage.process(name).jumpWallClock(byMs);
    }),
};

function rates(stage: FaultStage, low: number, high: number): void {
  const set = (name: string) => {
    const rate = low * (high / low) ** stage.random.number();
    stage.strike(`the clock of ${name} runs at ${rate.toFixed(3)}`, name);
    stage.process(name).setClockRate(rate);
  };
  stage.later(0, () => {
    for (const name of stage.nodes) set(name);
  });
  stage.repeatedly(5_000, () => set(stage.random.pick(stage.nodes)));
}
