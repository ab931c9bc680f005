/**
 * Checks that a run shows no failure that its faults do not explain. A bug that causes a failover or a halt without a
 * fault breaks no other property, because the service recovers, or stands still and says why.
 */
import { type FaultClass, OUTSIDE_FAULTS } from '../faults/classes.ts';
import type { Situation } from './coverage.ts';

/** Situations that only a fault can cause. */
const OF_FAULTS: readonly Situation[] = [
  'failover with operations in flight',
  'conflicting suffix cut',
  'transfer interrupted and resumed',
  'lost backup reported',
  'graceful leave',
  'total crash and recovery',
  'damaged data set aside',
  'monitor stopped by its disk',
  "monitor's damaged data set aside",
];

/** A name that is no server may get a free seat, and loses it again (V5). An outside sender can cause nothing else. */
const OF_OUTSIDERS: readonly Situation[] = ['lost backup reported'];

/** Faults that can remove data or a server that holds it. Nothing else explains that the service stands still. */
const LOSSES: readonly FaultClass[] = [
  'crash',
  'quick-restart',
  'heir-death',
  'leave',
  'moment-crash',
  'monitor-restart',
  'total-crash',
  'disk-loss',
  'flipped-bit',
  'older-disk',
  'write-error',
  'read-error',
  'disk-full',
  'monitor-flipped-bit',
];

/** Situations that only one class of faults can cause. */
const ONE_CAUSE: readonly (readonly [Situation, FaultClass])[] = [
  ['damaged data set aside', 'flipped-bit'],
  ["monitor's damaged data set aside", 'monitor-flipped-bit'],
];

export interface Course {
  /** How often each class of faults struck. */
  readonly faults: Readonly<Record<string, number>>;
  readonly coverage: Readonly<Record<string, number>>;
  /** Why the service could not continue; "" if it did. */
  readonly halted: string;
  /** The number of operations of the built-in workload whose outcome its clients do not know. */
  readonly unknown: number;
}

/** Describes what the faults of a run do not explain. Empty if everything is explained. */
export function unexplained({ faults, coverage, halted, unknown }: Course): readonly string[] {
  const struck = Object.keys(faults);
  const found: string[] = [];
  if (halted !== '' && !LOSSES.some((fault) => struck.includes(fault)))
    found.push(`the service halted (${halted}), and of what can take data away nothing struck`);
  for (const [situation, fault] of ONE_CAUSE) {
    if ((coverage[situation] ?? 0) > 0 && !struck.includes(fault)) found.push(`${situation}, and no ${fault} struck`);
  }
  const outside: readonly string[] = OUTSIDE_FAULTS;
  if (struck.some((fault) => !outside.includes(fault))) return found;
  const explained = struck.length > 0 ? OF_OUTSIDERS : [];
  const but = struck.length > 0 ? ` but ${struck.join(', ')}` : '';
  for (const situation of OF_FAULTS) {
    const times = coverage[situation] ?? 0;
    if (times > 0 && !explained.includes(situation)) {
      found.push(`without any fault${but}: ${situation}, ${times} times`);
    }
  }
  if (unknown > 0) found.push(`without any fault${but}, ${unknown} operations came out unknown`);
  return found;
}
