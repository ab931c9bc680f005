/** Faults of processes: they die, hang, are slow, or leave. */
import { addressOf } from '../simulation/cluster.ts';
import type { PROCESS_FAULTS } from './classes.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof PROCESS_FAULTS)[number], (stage: FaultStage) => void>>;

/** Mean milliseconds that a dead server stays dead. */
const DOWN_MS = 1_500;

export const processFaults: Faults = {
  crash: (stage) =>
    stage.repeatedly(stage.scaled(15_000, 2_000), () => {
      const name = victim(stage);
      if (name !== undefined) crash(stage, name, stage.random.exponential(DOWN_MS));
    }),
  // Sooner than the monitor can notice the silence.
  'quick-restart': (stage) =>
    stage.repeatedly(stage.scaled(15_000, 2_000), () => {
      const name = victim(stage);
      if (name !== undefined) crash(stage, name, stage.random.number() * 90);
    }),
  pause: (stage) =>
    stage.repeatedly(stage.scaled(10_000, 2_000), () => {
      const name = stage.random.pick(stage.cluster.names);
      const ms = stage.random.chance(0.5) ? stage.random.number() * 600 : stage.random.exponential(1_500);
      stage.strike(`${name} stops for ${ms.toFixed(0)} ms`, name);
      pause(stage, name, ms);
    }),
  stall: (stage) =>
    stage.repeatedly(stage.scaled(4_000, 200), () => {
      const name = stage.random.pick(stage.nodes);
      const ms = stage.random.exponential(60);
      stage.strike(`${name} is busy for ${ms.toFixed(0)} ms`, name);
      stage.process(name).stall(ms);
    }),
  slow: (stage) =>
    stage.spells(5_000, stage.scaled(500, 5_000), () => {
      const name = stage.random.pick(stage.cluster.names);
      const cost = stage.random.exponential(stage.scaled(0.2, 6));
      stage.strike(`each turn of ${name} takes ${cost.toFixed(1)} ms`, name);
      stage.process(name).slowDown(cost);
      return () => stage.process(name).slowDown(0);
    }),
  leave: (stage) =>
    stage.repeatedly(stage.scaled(15_000, 3_000), () => {
      const name = victim(stage);
      if (name === undefined) return;
      const together = stage.random.chance(stage.cluster.hasDisk ? 0.3 : 0.05) ? leavingTogether(stage, name) : [name];
      stage.strike(`${together.join(' and ')} leave`, ...together);
      for (const leaving of together) {
        stage.later(stage.random.number() * TOGETHER_MS, () => stage.cluster.leave(leaving));
        comeBack(stage, leaving, TOGETHER_MS + stage.random.exponential(DOWN_MS));
      }
    }),
  // The successor of a leaving primary dies within about a lease, or restarts so fast that the monitor cannot notice
  // its silence.
  'heir-death': (stage) =>
    stage.repeatedly(stage.scaled(15_000, 3_000), () => {
      const { primary } = stage.cluster;
      if (primary === '' || !mayDie(stage, primary)) return;
      stage.strike(`the primary ${primary} leaves, and its successor dies`, primary);
      stage.cluster.leave(primary);
      comeBack(stage, primary, stage.random.exponential(DOWN_MS));
      watchForHeir(stage, primary);
    }),
  'monitor-restart': (stage) =>
    stage.repeatedly(stage.scaled(20_000, 4_000), () => {
      if (!stage.cluster.monitor.runs) return;
      const forgets = !stage.cluster.hasDisk || stage.random.chance(0.3);
      if (forgets && !stage.cluster.survival.maySpareMonitor()) return;
      stage.strike(forgets ? 'the monitor dies, and forgets everything' : 'the monitor dies', 'm');
      stage.cluster.monitor.bounce(stage.random.exponential(800));
      if (forgets) stage.process('m').disk.lose();
    }),
  'monitor-pause': (stage) =>
    stage.repeatedly(stage.scaled(10_000, 3_000), () => {
      const ms = stage.random.exponential(700);
      stage.strike(`the monitor stops for ${ms.toFixed(0)} ms`, 'm');
      pause(stage, 'm', ms);
    }),
};

/** Servers that leave together do so within this many milliseconds. */
const TOGETHER_MS = 40;

/** All members of the view, if a running server stays (V14). */
function leavingTogether({ cluster }: FaultStage, name: string): readonly string[] {
  // While the monitor does not run, no primary is known.
  const members = [cluster.primary, ...cluster.backups].filter((one) => one !== '' && cluster.stateOf(one) === 'up');
  const stays = cluster.names.some((other) => cluster.stateOf(other) === 'up' && !members.includes(other));
  return stays && members.includes(name) ? members : [name];
}

/** How long to watch for the successor of a leaving primary, and how often to look, in milliseconds. */
const HEIR_WATCH = { forMs: 2_000, everyMs: 2 } as const;

function watchForHeir(stage: FaultStage, former: string, watchedMs = 0): void {
  if (watchedMs > HEIR_WATCH.forMs) return;
  const { primary } = stage.cluster;
  if (primary === former || primary === '') {
    return stage.later(HEIR_WATCH.everyMs, () => watchForHeir(stage, former, watchedMs + HEIR_WATCH.everyMs));
  }
  const downMs = stage.random.chance(0.5) ? stage.random.number() * 90 : stage.random.exponential(DOWN_MS);
  stage.later(stage.random.exponential(100), () => {
    if (mayDie(stage, primary)) crash(stage, primary, downMs);
  });
}

/** A running server whose death loses nothing; more often than not the primary. */
function victim(stage: FaultStage): string | undefined {
  const { cluster, random } = stage;
  const candidates = cluster.names.filter((name) => mayDie(stage, name));
  if (candidates.length === 0) return undefined;
  return candidates.includes(cluster.primary) && random.chance(0.5) ? cluster.primary : random.pick(candidates);
}

/** The server runs, and its death loses no committed entry. */
export function mayDie({ cluster }: FaultStage, name: string): boolean {
  return cluster.stateOf(name) === 'up' && (cluster.hasDisk || cluster.survival.maySpare(addressOf(name)));
}

/** @param when A text that names the moment. */
export function crash(stage: FaultStage, name: string, downMs: number, when = ''): void {
  stage.strike(`${name} dies, for ${downMs.toFixed(0)} ms${when === '' ? '' : `, ${when}`}`, name);
  stage.cluster.crash(name);
  comeBack(stage, name, downMs);
}

/** Runs even after everything is healed. A server that is still leaving gets some more time. */
function comeBack(stage: FaultStage, name: string, delayMs: number): void {
  stage.parts.world.at(delayMs, () => {
    if (stage.cluster.stateOf(name) === 'leaving') comeBack(stage, name, 500);
    else stage.cluster.start(name);
  });
}

function pause(stage: FaultStage, name: string, ms: number): void {
  const paused = stage.process(name);
  paused.pause();
  stage.parts.world.at(ms, () => paused.resume());
}
