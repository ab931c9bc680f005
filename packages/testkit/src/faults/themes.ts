/**
 * A theme is a set of faults that belong together. The swarm draws each class of faults alone, so a bug that needs
 * three particular classes in one run hardly ever shows. A theme adds such classes to a run, all of them strong, and
 * shapes the run so that they matter. A seed may have one theme in addition to the faults drawn one by one.
 */
import type { SeededRandom } from '../world/seeded-random.ts';
import { DISK_FAULTS, type FaultClass, MONITOR_DISK_FAULTS } from './classes.ts';

export interface Theme {
  readonly name: string;
  readonly faults: readonly FaultClass[];
  /** Added by the theme if the run has disks. The theme does not require disks because of them. */
  readonly diskFaults?: readonly FaultClass[];
  /** Sessions end after this many milliseconds. Undefined: as the seed draws it. */
  readonly sessionTtlMs?: readonly [low: number, high: number];
}

export const THEMES: readonly Theme[] = [
  { name: 'power', faults: ['slow-disk', 'crash', 'total-crash', 'quick-restart', 'lost-reply', 'moment-crash'] },
  {
    name: 'leases',
    faults: [
      'pause',
      'suspend',
      'drift',
      'cut-one-way',
      'partition',
      'leave',
      'quick-restart',
      'heir-death',
      'moment-pause',
    ],
  },
  { name: 'hand-over', faults: ['leave', 'heir-death', 'lost-reply', 'delay'] },
  {
    name: 'monitor',
    faults: ['monitor-restart', 'monitor-pause', 'crash', 'quick-restart'],
    diskFaults: [...MONITOR_DISK_FAULTS, 'slow-disk'],
  },
  { name: 'transfer', faults: ['depose', 'quick-restart', 'replay', 'reorder', 'clog', 'moment-crash', 'moment-cut'] },
  { name: 'restored', faults: ['older-disk', 'crash', 'monitor-restart', 'lost-reply'] },
  {
    name: 'sessions',
    faults: ['client-absence', 'lost-reply', 'timeout', 'duplicate', 'quick-restart', 'depose'],
    sessionTtlMs: [300, 800],
  },
];

/** The share of seeds with a theme, among those that may have one. */
const THEMED = 0.4;

/** @param hasDisk The caller's choice. Undefined if the seed decides, so that a theme may ask for disks. */
export function drawTheme(random: SeededRandom, hasDisk: boolean | undefined): Theme | undefined {
  if (!random.chance(THEMED)) return undefined;
  return random.pick(THEMES.filter((theme) => hasDisk !== false || !needsDisk(theme)));
}

/** Some of the theme's faults strike disks. */
export function needsDisk({ faults }: Theme): boolean {
  const disk: readonly FaultClass[] = DISK_FAULTS;
  return faults.some((fault) => disk.includes(fault));
}
