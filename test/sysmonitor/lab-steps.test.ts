/** The nine steps of the lab's view-service test, with bare pings, as one table a step. */
import { newMonitor, play, type Row } from './support/table.ts';

/** Each goes on where the one before it ended: servers are known by letter, and 100 ms is one ping interval. */
const STEPS: readonly (readonly [title: string, rows: readonly Row[]])[] = [
  [
    'first primary',
    [
      [0, 'A 0', '0:'],
      ['100..500', 'A 0', '1:A'],
    ],
  ],
  [
    'first backup',
    [
      [600, 'A 1; B 0', '1:A ok; 1:A ok'],
      [700, 'A 1; B 0', '2:A,B*; 2:A,B*'],
    ],
  ],
  [
    'backup takes over if primary fails',
    [
      [800, 'A 2; B 2', '2:A,B ok; 2:A,B ok'],
      ['900..1200', 'B 2', '2:A,B ok'],
      [1300, 'B 2', '3:B'],
    ],
  ],
  [
    'restarted server becomes backup',
    [
      [1400, 'B 3', '3:B ok'],
      [1400, 'A 0; B 3', '3:B ok; 4:B,A*'],
    ],
  ],
  [
    'idle third server becomes backup if primary fails',
    [
      [1500, 'B 4', '4:B,A ok'],
      ['1500..1900', 'C 0; A 4', '4:B,A ok; 4:B,A ok'],
      [2000, 'C 0; A 4', '4:B,A ok; 5:A,C*'],
    ],
  ],
  [
    'restarted primary treated as dead',
    [
      [2100, 'A 5', '5:A,C ok'],
      [2100, 'A 0; C 5', '5:A,C ok; 6:C,A*'],
    ],
  ],
  [
    'dead backup is removed from view',
    [
      ['2200..2500', 'C 6', '6:C,A ok'],
      [2600, 'C 6', '7:C'],
      ['2700..3600', 'C 7', '7:C ok'],
    ],
  ],
  [
    'view service waits for primary to acknowledge the view',
    [
      [3700, 'A 0; C 7', '7:C ok; 8:C,A*'],
      ['3800..5200', 'A 8', '8:C,A*'],
    ],
  ],
  [
    'uninitialised server cannot become primary',
    [
      ['5300..6200', 'A 8; B 0; C 8', '8:C,A ok; 8:C,A ok; 8:C,A ok'],
      ['6300..7200', 'B 0', '8:C,A ok'],
    ],
  ],
];

describe("the lab's view-service test", () => {
  STEPS.forEach(([title], index) => {
    it(title, () => {
      play(
        newMonitor({ newCluster: false }),
        STEPS.slice(0, index + 1).flatMap(([, rows]) => rows),
      );
    });
  });
});
