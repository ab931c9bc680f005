/**
 * A disk that returns older than it was: restored from a copy, or because it lied about a sync. No committed entry may
 * be lost by that, as long as another server that counts is intact and is heard. So the fault strikes a server only
 * while another one is safe to promote, and only if a rule can notice it:
 * - the monitor still knows that this server reported more (V2), or
 * - the monitor has lost its state and compares the reports of the members (V12). Then the server with the older disk
 *   returns last.
 */
import type { Position } from '@understudy/sysmonitor';
import { addressOf } from '../simulation/cluster.ts';
import type { DiskImage } from '../world/simulated-disk.ts';
import type { FaultStage } from './stage.ts';

interface Copy {
  readonly name: string;
  readonly image: DiskImage;
  /** The copy contains no entry after this one. */
  readonly end: Position;
}

/** Mean milliseconds between the copy and its return. */
const AGE_MS = 1_500;
/** Mean milliseconds until a dead server returns. */
const DOWN_MS = 300;
const LOOK_EVERY_MS = 25;

export function olderDisk(stage: FaultStage): void {
  stage.repeatedly(stage.scaled(10_000, 2_500), () => {
    const copy = copyOf(stage, stage.random.pick(stage.cluster.names));
    if (copy === undefined) return;
    const everybodyDies = stage.random.chance(0.4);
    stage.later(stage.random.exponential(AGE_MS), () => (everybodyDies ? comeBackLast : comeBackAlone)(stage, copy));
  });
}

function copyOf(stage: FaultStage, name: string): Copy | undefined {
  const replica = stage.cluster.replica(name);
  if (replica === undefined || replica.fulfilled === 0) return undefined;
  const { lastIndex: index } = replica;
  return { name, image: stage.process(name).disk.snapshot(), end: { viewnum: replica.viewnumAt(index) ?? 0, index } };
}

/** The monitor lives, and remembers what this server reported. */
function comeBackAlone(stage: FaultStage, copy: Copy): void {
  const { name } = copy;
  if (!mayLoseEnd(stage, name) || !isNoticed(stage, copy)) return;
  stage.strike(`${name} dies, and its disk comes back older`, name);
  stage.cluster.crash(name);
  stage.process(name).disk.restore(copy.image);
  startIn(stage, name, stage.random.exponential(DOWN_MS));
}

/**
 * All servers die, and the monitor loses its state. The safe servers return first, so that the monitor hears of the
 * last view.
 */
function comeBackLast(stage: FaultStage, { name, image }: Copy): void {
  const { cluster } = stage;
  const state = cluster.monitorState;
  // A server that is down would return at a time of its own.
  if (cluster.names.some((other) => cluster.stateOf(other) !== 'up')) return;
  if (!mayLoseEnd(stage, name) || state?.acknowledged !== true || !cluster.survival.maySpareMonitor()) return;
  const first = cluster.names.filter((other) => other !== name && state.safe.includes(addressOf(other)));
  stage.strike(`everybody dies, the monitor forgets everything, and the disk of ${name} comes back older`, name);
  for (const other of cluster.names) cluster.crash(other);
  cluster.monitor.bounce(stage.random.exponential(DOWN_MS));
  stage.process('m').disk.lose();
  stage.process(name).disk.restore(image);
  for (const other of first) startIn(stage, other, stage.random.exponential(DOWN_MS));
  startOnceHeard(stage, first);
}

function startOnceHeard(stage: FaultStage, first: readonly string[]): void {
  const { cluster } = stage;
  if (!first.every((name) => cluster.survival.monitorHasHeard(addressOf(name)))) {
    stage.parts.world.at(LOOK_EVERY_MS, () => startOnceHeard(stage, first));
  } else for (const name of cluster.names) startIn(stage, name, stage.random.exponential(DOWN_MS));
}

/** Runs even after everything is healed. */
function startIn(stage: FaultStage, name: string, delayMs: number): void {
  stage.parts.world.at(delayMs, () => stage.cluster.start(name));
}

/** The server runs, and another intact server holds everything. */
function mayLoseEnd({ cluster }: FaultStage, name: string): boolean {
  return cluster.stateOf(name) === 'up' && cluster.survival.maySpare(addressOf(name));
}

/** The server will report less to the monitor than before, or it holds nothing that counts. */
function isNoticed({ cluster }: FaultStage, { name, end }: Copy): boolean {
  const state = cluster.monitorState;
  if (state === undefined) return false;
  const reported = state.seats.find(({ server }) => server === addressOf(name))?.position;
  if (!state.safe.includes(addressOf(name))) return true;
  return reported !== undefined && (end.viewnum - reported.viewnum || end.index - reported.index) < 0;
}
