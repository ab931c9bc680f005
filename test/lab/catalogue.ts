/** Every test of the lab's key/value service, by the names that the lab prints, with the ways in which it is played. */
import type { Stage } from './stage.ts';
import { atMostOnceAppend, atMostOncePutHash } from './suites/at-most-once.ts';
import { basicFail } from './suites/basic-fail.ts';
import { concurrentAppend } from './suites/concurrent-append.ts';
import { concurrentSame } from './suites/concurrent-same.ts';
import { failPut, failPutAlone } from './suites/fail-put.ts';
import { partition, partition1, partition1Isolated, partition2 } from './suites/partition.ts';
import { repeatedCrashAppend, repeatedCrashPutGet, repeatedCrashPutHash } from './suites/repeated-crash.ts';
import type { Play } from './suites/steps.ts';

/** One way to play a test. */
export interface Variant {
  readonly backups: number;
  readonly unreliable?: 'servers' | 'everywhere';
  /** The logs keep so little that a server that comes back blank is brought up to date by a snapshot. */
  readonly snapshots?: true;
  /** Over real sockets too. */
  readonly real?: true;
}

export interface LabTest {
  /** The test function of the lab. */
  readonly suite: string;
  /** What the lab prints. */
  readonly title: string;
  readonly play: (stage: Stage, play: Play) => Promise<void>;
  readonly variants: readonly Variant[];
}

const RELIABLE: readonly Variant[] = [{ backups: 1, real: true }, { backups: 2 }];
/** The lab loses what goes to servers; here, also what goes to the monitor. */
const UNRELIABLE: readonly Variant[] = [
  { backups: 1, unreliable: 'servers', real: true },
  { backups: 1, unreliable: 'everywhere' },
  { backups: 2, unreliable: 'servers' },
  { backups: 2, unreliable: 'everywhere' },
];
const CRASHING: readonly Variant[] = [...RELIABLE, { backups: 1, snapshots: true }];
const CRASHING_UNRELIABLE: readonly Variant[] = [
  ...UNRELIABLE,
  { backups: 1, unreliable: 'servers', snapshots: true },
  { backups: 2, unreliable: 'everywhere', snapshots: true },
];

export const CATALOGUE: readonly LabTest[] = [
  {
    suite: 'TestBasicFail',
    title:
      'Single primary, no backup; Add a backup; Count RPCs to viewserver; Primary failure; Kill last server, new one should not be active',
    play: basicFail,
    variants: RELIABLE,
  },
  { suite: 'TestAtMostOnce', title: 'at-most-once Append; unreliable', play: atMostOnceAppend, variants: UNRELIABLE },
  { suite: 'TestAtMostOnce', title: 'at-most-once Put; unreliable', play: atMostOncePutHash, variants: UNRELIABLE },
  {
    suite: 'TestFailPut',
    title: 'Put() immediately after backup failure; Put() immediately after primary failure',
    play: failPut,
    variants: RELIABLE,
  },
  {
    suite: 'TestFailPut',
    title: 'Put() immediately after backup failure, with nobody to take its place',
    play: failPutAlone,
    variants: RELIABLE,
  },
  {
    suite: 'TestConcurrentSame',
    title: 'Concurrent Put()s to the same key',
    play: concurrentSame,
    variants: RELIABLE,
  },
  {
    suite: 'TestConcurrentSameAppend',
    title: 'Concurrent Append()s to the same key',
    play: concurrentAppend,
    variants: RELIABLE,
  },
  {
    suite: 'TestConcurrentSameUnreliable',
    title: 'Concurrent Put()s to the same key; unreliable',
    play: concurrentSame,
    variants: UNRELIABLE,
  },
  {
    suite: 'TestConcurrentSameUnreliable',
    title: 'Concurrent Append()s to the same key; unreliable',
    play: concurrentAppend,
    variants: UNRELIABLE,
  },
  { suite: 'TestRepeatedCrash', title: 'Repeated failures/restarts', play: repeatedCrashPutGet, variants: CRASHING },
  {
    suite: 'TestRepeatedCrashUnreliable',
    title: 'Repeated failures/restarts; unreliable',
    play: repeatedCrashPutGet,
    variants: CRASHING_UNRELIABLE,
  },
  {
    suite: 'TestRepeatedCrashUnreliable',
    title: 'Repeated failures/restarts with PutHash; unreliable',
    play: repeatedCrashPutHash,
    variants: CRASHING_UNRELIABLE,
  },
  {
    suite: 'TestRepeatedCrashUnreliable',
    title: 'Repeated failures/restarts with concurrent updates to same key; unreliable',
    play: repeatedCrashAppend,
    variants: CRASHING_UNRELIABLE,
  },
  { suite: 'TestPartition', title: 'Partition an old primary', play: partition, variants: RELIABLE },
  { suite: 'TestPartition1', title: 'Old primary does not serve Gets', play: partition1, variants: RELIABLE },
  {
    suite: 'TestPartition1',
    title: 'Old primary, cut off from the other servers too, does not serve Gets',
    play: partition1Isolated,
    variants: RELIABLE,
  },
  {
    suite: 'TestPartition2',
    title: 'Partitioned old primary does not complete Gets',
    play: partition2,
    variants: RELIABLE,
  },
];

/** The lab's test functions, in its order. */
export const SUITES: readonly string[] = [...new Set(CATALOGUE.map(({ suite }) => suite))];

/** In words, behind the title. */
export function describeVariant({ backups, unreliable, snapshots }: Variant): string {
  const where = unreliable === undefined ? '' : `, messages to ${unreliable === 'servers' ? 'servers' : 'all'} lost`;
  return `${backups} ${backups === 1 ? 'backup' : 'backups'}${where}${snapshots === true ? ', snapshots' : ''}`;
}
