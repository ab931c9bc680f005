/** Bugs in reads, leases and promises (L1 to L6). */
import type { PlantedBug } from '../bug.ts';

const COMMIT = 'kvservice/src/core/commit.ts';
const LEASE = 'kvservice/src/core/lease.ts';
const READ = 'kvservice/src/core/read.ts';

export const LEASE_BUGS: readonly PlantedBug[] = [
  {
    name: 'a lease is a flag',
    rule: 'L3',
    why: 'It stands until the primary notices that it was silent itself; being cut off it does not notice.',
    edits: [
      {
        file: LEASE,
        find: 'return { now: sentAt.now + leaseMs, wall: sentAt.wall + leaseMs };',
        replace: 'return { now: Math.max(sentAt.now + leaseMs, Infinity), wall: Infinity };',
      },
    ],
  },
  {
    name: 'reads without a lease are not confirmed',
    rule: 'L4',
    why: 'The primary of the newest view that it knows answers. It may be the last to know.',
    edits: [
      { file: READ, find: '    else waiting.push(read);\n', replace: '    else answerConfirmed(state, read.read);\n' },
    ],
  },
  {
    name: 'a sequential read does not wait',
    rule: 'L5',
    why: 'A backup is hardly behind. But its client has seen what it has not applied yet.',
    edits: [
      {
        file: 'kvservice/src/core/local-read.ts',
        find: '    atLeast,\n    isPlaced',
        replace: '    atLeast: Math.min(atLeast, state.commitIndex),\n    isPlaced',
      },
    ],
  },
  {
    name: 'a primary answers with less than was asked for',
    rule: 'L5',
    why: 'The primary has everything that is committed, so nobody can have seen more. A caller may ask for what is still on its way.',
    edits: [{ file: READ, find: 'return atLeast > state.commitIndex;', replace: 'return false;' }],
  },
  {
    name: 'a linearizable read at a backup forgets what it was to show at least',
    rule: 'L5',
    why: "The primary's commit index is all that linearizability asks for.",
    edits: [
      {
        file: 'kvservice/src/core/local-read.ts',
        find: 'Math.max(read.atLeast, commitIndex)',
        replace: 'commitIndex',
      },
    ],
  },
  {
    name: 'a release ends whatever was promised',
    rule: 'L6',
    why: 'The primary is gone, so no server is left to wait for. But an earlier primary may still hold its lease.',
    edits: [
      {
        file: LEASE,
        find: '    if ((this.#viewnums.get(incarnation) ?? 0) <= viewnum) this.#forget(incarnation);\n',
        replace: '    if ((this.#viewnums.get(incarnation) ?? 0) <= viewnum) this.#until.clear();\n',
      },
    ],
    faults: ['heir-death', 'leave', 'partition', 'quick-restart', 'depose'],
  },
  {
    name: 'a new primary forgets what it promised',
    rule: 'L2',
    why: 'It is primary now, the monitor said so. The old one may not know yet, and answer reads for as long as it was promised.',
    edits: [
      {
        file: COMMIT,
        find: '  if (state.promises.lastToOthers(state.incarnation) > state.at.now) return;\n',
        replace: '',
      },
    ],
  },
];
