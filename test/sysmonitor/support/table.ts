/** Tables as tests: one row a step, each with its time, what is pinged, and what must be answered. */
import { expect } from 'chai';
import type { MonitorCoreOptions } from '../../../packages/sysmonitor/src/core/core-options.ts';
import { MonitorCore } from '../../../packages/sysmonitor/src/core/monitor.ts';
import { answerText, CLUSTER, pingOf } from './notation.ts';

/**
 * Milliseconds, the ping, and the answer. `from..to` sends the ping every 100 ms, both ends included, and the answer is to the last.
 * Several pings at one time are parted by `;` in both columns; `-` stands for an answer that does not matter.
 */
export type Row = readonly [when: number | `${number}..${number}`, pings: string, answers: string];

export type TableOptions = Partial<Omit<MonitorCoreOptions, 'pingInterval'>>;

/** A mocha test of this table, on a monitor that was told that the cluster is new, with one backup wanted unless set. */
export function table(title: string, options: TableOptions, rows: readonly Row[]): void {
  it(title, () => {
    play(newMonitor(options), rows);
  });
}

export function newMonitor(options: TableOptions = {}): MonitorCore {
  return new MonitorCore({
    backups: 1,
    pingInterval: 100,
    deadPings: 5,
    newCluster: true,
    newClusterId: CLUSTER,
    now: 0,
    ...options,
  });
}

/** Plays the rows, and ticks every 100 ms in between. */
export function play(monitor: MonitorCore, rows: readonly Row[], start = 0): void {
  let ticked = start;
  for (const [when, pings, answers] of rows) {
    for (const [index, now] of timesOf(when).entries()) {
      for (; ticked < now; ticked = Math.min(ticked + 100, now)) monitor.tick(ticked);
      const given = pings.split('; ').map((text) => {
        const { answer } = monitor.ping(pingOf(text), now);
        return answerText(answer, monitor.status(now).acknowledged);
      });
      if (index === timesOf(when).length - 1) compare(`at ${now}, ${pings}`, given, answers.split('; '));
    }
  }
}

function timesOf(when: Row[0]): readonly number[] {
  if (typeof when === 'number') return [when];
  const [from = 0, to = 0] = when.split('..').map(Number);
  return Array.from({ length: Math.floor((to - from) / 100) + 1 }, (_, index) => from + 100 * index);
}

function compare(row: string, given: readonly string[], wanted: readonly string[]): void {
  const shown = given.map((answer, index) => (wanted[index] === '-' ? '-' : answer));
  expect(shown.join('; '), row).to.equal(wanted.join('; '));
}

/** Up to 200 ms: A is primary and B its backup, in an acknowledged view 2. */
export const A_AND_B: readonly Row[] = [
  [0, 'A/a1 0', '1:A'],
  [100, 'B/b1 0; A/a1 1', '1:A; 2:A,B*'],
  [200, 'B/b1 0; A/a1 2; B/b1 2', '2:A,B*; 2:A,B ok; 2:A,B ok'],
];

/** Up to 400 ms, with two backups wanted: A is primary, B and C its backups, in an acknowledged view 3. */
export const A_B_AND_C: readonly Row[] = [
  ...A_AND_B,
  [300, 'C/c1 0; A/a1 2; B/b1 2', '2:A,B ok; 3:A,B,C*; 3:A,B,C*'],
  [400, 'A/a1 3; B/b1 3; C/c1 3', '3:A,B,C ok; 3:A,B,C ok; 3:A,B,C ok'],
];
