/** Faults of disks, and crashes that only a disk survives. */
import { addressOf } from '../simulation/cluster.ts';
import type { DISK_FAULTS } from './classes.ts';
import { monitorDiskFaults } from './monitor-disk-faults.ts';
import { olderDisk } from './older-disk.ts';
import { crash } from './process-faults.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof DISK_FAULTS)[number], (stage: FaultStage) => void>>;

/** Mean milliseconds until a server returns. */
const DOWN_MS = 800;

export const diskFaults: Faults = {
  // As in a power failure: no server is left, and they return in any order.
  'total-crash': (stage) =>
    stage.repeatedly(stage.scaled(20_000, 6_000), () => {
      stage.strike('everybody dies', ...stage.cluster.names);
      for (const name of stage.cluster.names) {
        if (stage.cluster.stateOf(name) !== 'down') crash(stage, name, stage.random.exponential(DOWN_MS));
      }
      if (stage.random.chance(0.7)) stage.cluster.monitor.bounce(stage.random.exponential(DOWN_MS));
    }),
  'disk-loss': (stage) =>
    stage.repeatedly(stage.scaled(20_000, 4_000), () => {
      const name = spare(stage);
      if (name === undefined) return;
      crash(stage, name, stage.random.exponential(DOWN_MS));
      stage.strike(`${name} loses its disk`, name);
      stage.process(name).disk.lose();
    }),
  'flipped-bit': (stage) =>
    stage.repeatedly(stage.scaled(20_000, 4_000), () => {
      const name = spare(stage);
      if (name === undefined) return;
      crash(stage, name, stage.random.exponential(DOWN_MS));
      const flipped = stage.process(name).disk.flipBit();
      if (flipped !== undefined) stage.strike(`a bit of ${flipped.key} flips on the disk of ${name}`, name);
    }),
  'write-error': (stage) =>
    stage.repeatedly(stage.scaled(20_000, 3_000), () => {
      const name = stage.random.pick(stage.cluster.names);
      stage.strike(`the next write of ${name} fails`, name);
      stage.process(name).disk.failNextWrite();
    }),
  'read-error': (stage) =>
    stage.repeatedly(stage.scaled(15_000, 3_000), () => {
      const name = stage.random.pick(stage.cluster.names);
      stage.strike(`the next reading of ${name} fails`, name);
      stage.process(name).disk.failNextRead();
    }),
  'disk-full': (stage) =>
    stage.spells(15_000, stage.scaled(200, 3_000), () => {
      const name = stage.random.pick(stage.cluster.names);
      stage.strike(`the disk of ${name} is full`, name);
      const { disk } = stage.process(name);
      disk.fill();
      return () => disk.free();
    }),
  'slow-disk': (stage) =>
    stage.spells(5_000, stage.scaled(500, 5_000), () => {
      const name = stage.random.pick(stage.nodes);
      const writeMs = stage.random.exponential(stage.scaled(2, 120));
      stage.strike(`a write of ${name} takes ${writeMs.toFixed(0)} ms`, name);
      const { disk } = stage.process(name);
      disk.configure({ writeMs });
      return () => disk.configure({ writeMs: 0.2 });
    }),
  'older-disk': olderDisk,
  ...monitorDiskFaults,
};

/** A running server whose data other servers hold too. */
function spare(stage: FaultStage): string | undefined {
  const { cluster, random } = stage;
  const candidates = cluster.names.filter(
    (name) => cluster.stateOf(name) === 'up' && cluster.survival.maySpare(addressOf(name)),
  );
  return candidates.length === 0 ? undefined : random.pick(candidates);
}
