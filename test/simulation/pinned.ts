/** Seeds that once showed something wrong, in the service or in what judges it: they are played on every test run. */
import type { SimulationOptions } from '@understudy/testkit';

export interface Pinned extends SimulationOptions {
  /** What was wrong. */
  readonly showed: string;
}

/** Runs change with the code, so a seed need not show its fault again if that comes back; but the fault has a test of its own too. */
export const PINNED: readonly Pinned[] = [
  {
    seed: 7300002,
    seconds: 20,
    showed:
      'a cluster that a bare ping began, and the one that the first real server began, had one id: view 1 came twice',
  },
  {
    seed: 59,
    showed:
      'several sessions that expire in one tick: entries appended, committed and forgotten in one step were not seen',
  },
  {
    seed: 369,
    littleMemory: false,
    showed: 'entries that came and were forgotten in one step passed for a state transfer',
  },
  { seed: 305, showed: 'the same, at a lone primary' },
  { seed: 608, showed: 'a sequential read at a primary that may not act yet passed for its first answer' },
  { seed: 156, showed: 'a straggler on a slow link held up everything behind it for most of a minute' },
  { seed: 41, showed: 'a client that thinks for long passed for one that is not served' },
  {
    seed: 3560,
    showed:
      'halts: a primary names its backup as lost, dies, and is heard only then: with memory alone that is one failure too many',
  },
  {
    seed: 9012,
    seconds: 30,
    showed:
      'halts: a monitor that has lost its state, is cut off from its servers and hears a new one begins another cluster',
  },
  {
    seed: 401996,
    showed: 'the only server that had the data left and came back ten seconds after the faults, too late to be judged',
  },
  {
    seed: 100665,
    littleMemory: false,
    showed: 'a conflicting suffix cut, replaced and forgotten in one step passed for a committed entry that changed',
  },
  {
    seed: 654,
    seconds: 16,
    showed: 'halts: the last server that held the data left, after everybody had been served once more',
  },
  {
    seed: 764,
    seconds: 16,
    showed:
      'no service for ever: a primary forgot entries that a backup missed which counted already, and the backup took no transfer because it counted',
  },
  {
    seed: 1070,
    seconds: 16,
    showed:
      'no service for ten seconds: a primary that was leaving was made primary again by a monitor that had lost its state, and did not act',
  },
  {
    seed: 12,
    showed: 'a monitor that lost its state twice, unheard, came to the same view twice, which contradicts nothing',
  },
  {
    seed: 29921262398,
    showed: 'a view that a monitor kept on disk and died before it told anybody passed for a number left out',
  },
  {
    seed: 80007689,
    littleMemory: false,
    disk: true,
    showed:
      'a server that came back with its data ended: its former run had a greater incarnation, not yet on disk, and the wall clock was set back',
  },
  {
    seed: 90000147,
    disk: true,
    showed: 'a server that had taken a greater incarnation ended, when a ping under the one before was refused late',
  },
  {
    seed: 29922576202,
    showed:
      'a primary cut off from the monitor, whose backup had lost its data, kept so many operations that clients repeated that its log was over the bounds which the simulation supposed, and nothing set',
  },
  {
    seed: 77000,
    littleMemory: false,
    faults: [
      'forged',
      'crash',
      'quick-restart',
      'monitor-restart',
      'partition',
      'pause',
      'leave',
      'total-crash',
      'lost-reply',
    ],
    showed: 'servers that were to leave together, while the monitor knew of no primary, ended the simulation',
  },
  {
    seed: 77047,
    faults: [
      'forged',
      'crash',
      'quick-restart',
      'monitor-restart',
      'partition',
      'pause',
      'leave',
      'total-crash',
      'lost-reply',
    ],
    showed:
      'a repeated casRevision whose result was dropped, because results that hold values were few, passed for a lie',
  },
  {
    seed: 9000384,
    showed:
      'a backup left because by its slow clock it had just heard its primary, and was made primary at that moment',
  },
  {
    seed: 9200129,
    showed:
      'a monitor that had started again believed a forged run of a server, and the real one ended as the older one',
  },
  {
    seed: 9600074,
    showed: 'a server with little memory became primary and opened no session, so that no client could delete anything',
  },
  { seed: 9600160, showed: 'the same' },
  {
    seed: 29934521106,
    showed: 'a primary that was leaving let operations wait, and ended the session that they came in as idle',
  },
  {
    seed: 29934521464,
    showed: 'a copy of a refused request was done; its session ended, and the client sent it again in another one',
  },
  {
    seed: 29934521485,
    showed: 'an idle server left after the last one that could be promoted had died, and was blamed for the loss',
  },
  { seed: 82, showed: 'the last server with the data came back with an older disk, and passed for one that can serve' },
  {
    seed: 12000205,
    showed: 'many sessions left no room for a new backup, and a primary that wanted one refused even to delete',
  },
  {
    seed: 29934554185,
    showed:
      'a page of a snapshot, asked for again by a copy of an old request, passed for an answer of the newest primary',
  },
  {
    seed: 740124,
    seconds: 20,
    shape: 'few-sessions',
    showed: 'a session that had to make room for another one was ended again as an idle one while nothing committed',
  },
  { seed: 740126, seconds: 20, shape: 'few-sessions', showed: 'the same' },
  { seed: 740167, seconds: 20, shape: 'few-sessions', showed: 'the same' },
  {
    seed: 60000661,
    seconds: 60,
    shape: undefined,
    showed: 'a bare ping began a cluster, and a monitor that restarted before it saved the next view kept that cluster',
  },
  {
    seed: 60000551,
    seconds: 60,
    shape: undefined,
    showed: 'the simulator let a primary leave that only a forged first ping had named, and no such server exists',
  },
  {
    seed: 60000312,
    seconds: 60,
    shape: undefined,
    showed: 'a restarted monitor asked once, and one lost answer kept the primary out for two seconds',
  },
  {
    seed: 29934767375,
    seconds: 60,
    shape: undefined,
    showed: 'sessions that were abandoned together were all ended in one turn, and filled the log',
  },
];
