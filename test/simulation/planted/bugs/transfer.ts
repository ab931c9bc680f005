/** Bugs in how a new backup is brought up to date, and in when it counts (R4, R7, V7, S4). */
import type { PlantedBug } from '../bug.ts';

const ANSWERS = 'kvservice/src/core/answers.ts';
const REPLICA = 'kvservice/src/core/replica.ts';
const SENDING = 'kvservice/src/core/sending.ts';

export const TRANSFER_BUGS: readonly PlantedBug[] = [
  {
    name: 'leaves remembered results out of the snapshot',
    rule: 'S4',
    why: 'They are no data. But a client may repeat an operation at the server that was brought up to date so.',
    edits: [
      {
        file: SENDING,
        find: "    for (const [seq, { outcome, digest }] of results) yield { kind: 'remembered', seq, outcome, digest };\n",
        replace: '',
      },
    ],
  },
  {
    name: 'leaves sessions out of the snapshot',
    rule: 'S4',
    why: 'Clients open new ones. But what they had under way is then neither done nor refused as it should be.',
    edits: [
      {
        file: SENDING,
        find: `  for (const [id, { client, acked, results, textAt }] of moment.sessions.ascending()) {
    yield { kind: 'session', id, client, acked, textAt };
    for (const [seq, { outcome, digest }] of results) yield { kind: 'remembered', seq, outcome, digest };
  }
`,
        replace: '',
      },
    ],
  },
  {
    name: 'leaves what clients have acknowledged out of the snapshot',
    rule: 'S3, S4',
    why: 'It seems to follow from the results. But a late copy of an operation then looks like a new one.',
    edits: [
      {
        file: 'kvservice/src/core/receiving.ts',
        find: '{ id, client, acked, textAt, results: new Map() }',
        replace: '{ id, client, acked: 0, textAt, results: new Map() }',
      },
    ],
  },
  {
    name: 'leaves out of the snapshot which session got a value last',
    rule: 'S9, R5',
    why: 'It is no result of any operation. But the servers then drop the values of different sessions.',
    edits: [{ file: SENDING, find: 'id, client, acked, textAt };', replace: 'id, client, acked, textAt: 0 };' }],
  },
  {
    name: 'sends the state as it is by the time of each chunk',
    rule: 'R7',
    why: 'No copy is needed then. But the entries since the first chunk follow, and are applied a second time.',
    edits: [
      {
        file: SENDING,
        find: 'recordsOf(moment);',
        replace: 'recordsOf({ cells: machine.cells, sessions: { ascending: () => machine.sessions.all() } });',
      },
    ],
  },
  {
    name: 'keeps the snapshot of a transfer that a view change has ended',
    rule: 'M1',
    why: 'The transfer is dropped with the record of the backup. But the data keeps old values for that snapshot.',
    edits: [
      {
        file: 'kvservice/src/core/view-change.ts',
        find: '  for (const [server, known] of before) if (primary.backups.get(server) !== known) endSending(known);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'changes sessions that a snapshot shares',
    rule: 'R7, S4',
    why: 'Copy on write, forgotten in one place: the snapshot remembers results of operations that come after it.',
    edits: [
      {
        file: 'kvservice/src/core/sessions.ts',
        find: 'if (session.generation === this.#generation) return session;',
        replace: 'if (session.generation <= this.#generation) return session;',
      },
    ],
  },
  {
    name: 'acknowledges a view before its backups hold the data',
    rule: 'V7, R7',
    why: 'The primary serves, so the view works. But the monitor now takes every member for safe.',
    edits: [
      {
        file: REPLICA,
        find: 'if (!progress.counted || progress.match < state.commitIndex || progress.confirmed < primary.firstNumber) return;',
        replace: 'if (progress.confirmed < primary.firstNumber) return;',
      },
    ],
  },
  {
    name: 'acknowledges a view as soon as its backups count',
    rule: 'V7, R7',
    why: 'Nothing is committed without them any more. But what was committed before may not have arrived yet.',
    edits: [
      {
        file: REPLICA,
        find: 'if (!progress.counted || progress.match < state.commitIndex || progress.confirmed < primary.firstNumber) return;',
        replace: 'if (!progress.counted || progress.confirmed < primary.firstNumber) return;',
      },
    ],
  },
  {
    name: 'a new backup counts only after the acknowledgement',
    rule: 'R4',
    why: 'The monitor knows of the acknowledgement first: for a moment, who may be promoted is not waited for.',
    edits: [
      {
        file: ANSWERS,
        find: '  if (missing > state.config.limits.prepareEntries) return;\n  progress.counted = true;\n',
        replace: '  if (missing > 0 || state.fulfilled < state.view.viewnum) return;\n  progress.counted = true;\n',
      },
      {
        file: REPLICA,
        find: 'if (!progress.counted || progress.match < state.commitIndex || progress.confirmed < primary.firstNumber) return;',
        replace: 'if (progress.match < state.commitIndex || progress.confirmed < primary.firstNumber) return;',
      },
    ],
  },
];
