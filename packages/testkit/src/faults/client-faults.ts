/** Faults of clients: they time out, abort, die, and stay away until their sessions end. */
import type { CLIENT_FAULTS } from './classes.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof CLIENT_FAULTS)[number], (stage: FaultStage) => void>>;

/** Longer absences would take too much of a run, which lasts a minute. */
const LONGEST_ABSENCE_MS = 12_000;

export const clientFaults: Faults = {
  timeout: (stage) => {
    stage.parts.impatience.timeout = stage.scaled(0.02, 0.5);
  },
  abort: (stage) => {
    stage.parts.impatience.abort = stage.scaled(0.02, 0.3);
  },
  'client-crash': (stage) =>
    stage.repeatedly(stage.scaled(10_000, 1_500), () => {
      const place = stage.random.integer(0, stage.parts.clients.length - 1);
      const { workload } = stage.parts;
      const name = workload?.names[place];
      if (workload === undefined || name === undefined) return;
      stage.strike(`client ${name} dies`, name);
      workload.replace(place);
    }),
  // Meanwhile answers arrive and timeouts expire. Afterwards the client may see both in one turn.
  'client-stall': (stage) =>
    stage.repeatedly(stage.scaled(3_000, 150), () => {
      const name = stage.random.pick(stage.parts.workload?.names ?? stage.parts.clients);
      const ms = stage.random.exponential(80);
      stage.strike(`client ${name} is busy for ${ms.toFixed(0)} ms`, name);
      stage.process(name).stall(ms);
    }),
  'client-absence': (stage) =>
    stage.repeatedly(stage.scaled(10_000, 3_000), () => {
      const name = stage.random.pick(stage.parts.workload?.names ?? stage.parts.clients);
      const ms = Math.min(LONGEST_ABSENCE_MS, stage.parts.sessionTtlMs * (0.5 + stage.random.number()));
      const absent = stage.process(name);
      stage.strike(`client ${name} stops for ${ms.toFixed(0)} ms`, name);
      absent.pause();
      stage.later(ms, () => absent.resume());
    }),
};
