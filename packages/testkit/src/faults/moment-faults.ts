/**
 * Faults that strike a server at a chosen moment of its work (moments.ts): it dies, stops, or loses its links exactly
 * then.
 */
import type { MOMENT_FAULTS } from './classes.ts';
import { MOMENTS } from './moments.ts';
import { crash, mayDie } from './process-faults.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof MOMENT_FAULTS)[number], (stage: FaultStage) => void>>;

/** Mean milliseconds that a server stays dead. */
const DOWN_MS = 600;
/** If the chosen moment does not come within this time, another one is chosen. */
const PATIENCE_MS = 6_000;
/** The chosen moment may pass at most this many times before the fault strikes. */
const MOST_PASSED = 4;

export const momentFaults: Faults = {
  'moment-crash': (stage) =>
    atMoments(stage, stage.scaled(10_000, 1_500), (name, moment) => {
      if (!mayDie(stage, name)) return;
      const downMs = stage.random.chance(0.4) ? stage.random.number() * 90 : stage.random.exponential(DOWN_MS);
      crash(stage, name, downMs, `when ${moment}`);
    }),
  'moment-pause': (stage) =>
    atMoments(stage, stage.scaled(8_000, 1_500), (name, moment) => {
      const ms = stage.random.chance(0.6) ? stage.random.number() * 700 : stage.random.exponential(1_500);
      stage.strike(`${name} stops for ${ms.toFixed(0)} ms when ${moment}`, name);
      stage.process(name).stall(ms);
    }),
  'moment-cut': (stage) =>
    atMoments(stage, stage.scaled(8_000, 1_500), (name, moment) => {
      const other = stage.random.pick(stage.nodes.filter((node) => node !== name));
      const ms = stage.random.exponential(stage.scaled(100, 1_500));
      stage.strike(
        `${name} and ${other} are cut off from each other for ${ms.toFixed(0)} ms when ${moment}`,
        name,
        other,
      );
      stage.network.cut(name, other);
      stage.later(ms, () => stage.network.mend(name, other));
    }),
};

/** On average every `meanMs`: draws a moment, waits for it, and acts right after the turn in which it comes. */
function atMoments(stage: FaultStage, meanMs: number, act: (name: string, moment: string) => void): void {
  stage.repeatedly(meanMs, () => {
    const wanted = stage.random.pick(MOMENTS);
    let toPass = stage.random.integer(0, MOST_PASSED);
    const untilMs = stage.parts.world.now + PATIENCE_MS;
    const stop = stage.cluster.onMoment((name, moments) => {
      if (stage.parts.world.now > untilMs) return stop();
      if (!moments.has(wanted) || toPass-- > 0) return;
      stop();
      // Nothing may come between the turn and the fault. Half of the time, a part of what the turn sent arrives first.
      stage.later(stage.random.chance(0.5) ? 0 : stage.random.number() * 2, () => act(name, wanted));
    });
  });
}
