/**
 * Draws which faults a seed has, and how strong they are. No seed has all, and a few have none (Groce et al., "Swarm
 * Testing", ISSTA 2012).
 */
import type { SeededRandom } from '../world/seeded-random.ts';
import { DISK_FAULTS, FAULT_CLASSES, type FaultClass, MONITOR_DISK_FAULTS, OUTSIDE_FAULTS } from './classes.ts';
import type { Theme } from './themes.ts';

export interface DrawnFault {
  readonly fault: FaultClass;
  readonly strength: number;
}

/** Of a hundred seeds, ten have no faults and ten have a single one. */
const NONE = 0.1;
const ONE = 0.1;
/** With clocks beyond their bound, reads cannot be judged, so few seeds have them. */
const RARE: Readonly<Partial<Record<FaultClass, number>>> = { 'drift-beyond': 0.04 };
const USUAL = 0.3;

const BUSY_CLIENTS: readonly FaultClass[] = ['client-stall'];

/** The least strength of a fault that a theme adds. */
const THEME_STRENGTH = 0.3;

export interface Swarm {
  readonly wanted: 'all' | readonly FaultClass[];
  /** Without a disk, disk faults have nothing to strike. */
  readonly hasDisk: boolean;
  readonly theme: Theme | undefined;
}

export function drawFaults(random: SeededRandom, { wanted, hasDisk, theme }: Swarm): readonly DrawnFault[] {
  const disk: readonly FaultClass[] = DISK_FAULTS;
  const apart: readonly FaultClass[] = [...OUTSIDE_FAULTS, ...MONITOR_DISK_FAULTS, ...BUSY_CLIENTS];
  const mayStrike = (fault: FaultClass) => hasDisk || !disk.includes(fault);
  const possible = FAULT_CLASSES.filter((fault) => mayStrike(fault) && !apart.includes(fault));
  if (wanted !== 'all') return wanted.map((fault) => withStrength(random, fault));
  const draw = random.number();
  if (draw < NONE) return [];
  if (draw < NONE + ONE) return [withStrength(random, random.pick(possible))];
  const drawn = possible
    .filter((fault) => random.chance(RARE[fault] ?? USUAL))
    .map((fault) => withStrength(random, fault));
  const all = [
    ...drawn,
    ...drawApart(random.stream('outside'), OUTSIDE_FAULTS),
    ...drawApart(random.stream('monitor disk'), MONITOR_DISK_FAULTS.filter(mayStrike)),
    ...drawApart(random.stream('busy clients'), BUSY_CLIENTS),
  ];
  return theme === undefined ? all : withTheme(random.stream(theme.name), all, theme, mayStrike);
}

/** These draw from a stream of their own, so they shift no other draw. */
function drawApart(random: SeededRandom, faults: readonly FaultClass[]): readonly DrawnFault[] {
  return faults.filter(() => random.chance(USUAL)).map((fault) => withStrength(random, fault));
}

/** A theme draws from a stream of its own, so it shifts no other draw. */
function withTheme(
  random: SeededRandom,
  drawn: readonly DrawnFault[],
  { faults, diskFaults = [] }: Theme,
  mayStrike: (fault: FaultClass) => boolean,
): readonly DrawnFault[] {
  const brought = [...faults, ...diskFaults.filter(mayStrike)];
  const strong = brought.map((fault) => ({
    fault,
    strength: THEME_STRENGTH + (1 - THEME_STRENGTH) * random.number(),
  }));
  return [...drawn.filter(({ fault }) => !brought.includes(fault)), ...strong];
}

function withStrength(random: SeededRandom, fault: FaultClass): DrawnFault {
  return { fault, strength: random.number() };
}
