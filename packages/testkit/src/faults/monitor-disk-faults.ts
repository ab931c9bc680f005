/**
 * Faults of the monitor's disk. A monitor that cannot write or read ends, and is restarted until it can. A monitor with
 * damaged data sets the data aside and continues without a state (V12): it waits for the reports of the members. A
 * member that has also lost its data would then be one loss too many. So a bit flips only while every member that
 * counts is there with its data, or will return with everything that was on its disk.
 */
import { addressOf } from '../simulation/cluster.ts';
import { DATA_DIR, MONITOR } from '../simulation/monitor-life.ts';
import type { MONITOR_DISK_FAULTS } from './classes.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof MONITOR_DISK_FAULTS)[number], (stage: FaultStage) => void>>;

/** Mean milliseconds until the monitor is started again. */
const DOWN_MS = 500;
/** The most successive reads that fail. */
const MOST_READINGS = 3;

export const monitorDiskFaults: Faults = {
  'monitor-write-error': (stage) =>
    stage.repeatedly(stage.scaled(20_000, 4_000), () => {
      stage.strike('the next write of the monitor fails', MONITOR);
      stage.process(MONITOR).disk.failNextWrite();
    }),
  'monitor-flipped-bit': (stage) =>
    stage.repeatedly(stage.scaled(20_000, 5_000), () => {
      if (!stage.cluster.monitor.runs || !mayForget(stage)) return;
      stage.cluster.monitor.bounce(stage.random.exponential(DOWN_MS));
      const flipped = stage.process(MONITOR).disk.flipBit({ directory: DATA_DIR });
      if (flipped !== undefined) stage.strike('a bit flips on the disk of the monitor, which dies', MONITOR);
    }),
  'monitor-read-error': (stage) =>
    stage.repeatedly(stage.scaled(20_000, 4_000), () => {
      if (!stage.cluster.monitor.runs) return;
      const readings = stage.random.integer(1, MOST_READINGS);
      stage.strike(`the monitor dies, and its next ${readings} readings fail`, MONITOR);
      stage.cluster.monitor.bounce(stage.random.exponential(DOWN_MS));
      stage.process(MONITOR).disk.failNextRead(readings);
    }),
  'monitor-disk-full': (stage) =>
    stage.spells(15_000, stage.scaled(200, 3_000), () => {
      stage.strike('the disk of the monitor is full', MONITOR);
      const { disk } = stage.process(MONITOR);
      disk.fill();
      return () => disk.free();
    }),
};

function mayForget({ cluster }: FaultStage): boolean {
  return cluster.survival.maySpareMonitor() || cluster.survival.noDiskWasHarmed(cluster.names.map(addressOf));
}
