/** Bugs in what is kept on disk, and when it is there (R9, R12). */
import type { PlantedBug } from '../bug.ts';

const PERSISTENCE = 'kvservice/src/core/persistence.ts';
const COMMIT = 'kvservice/src/core/commit.ts';
const GROUP_COMMIT = 'kvservice/src/store/group-commit.ts';
const LOAD = 'kvservice/src/store/load.ts';
const RECORDER = 'kvservice/src/store/recorder.ts';
const STATE_MACHINE = 'kvservice/src/core/state-machine.ts';

export const DISK_BUGS: readonly PlantedBug[] = [
  {
    name: 'acknowledges before the disk has it',
    rule: 'R9',
    why: 'The write is under way, and a disk hardly ever fails. A power loss does not ask.',
    edits: [
      {
        file: PERSISTENCE,
        find: '  if (journal === undefined || (journal.isLevel && !hasMore)) state.effects.push(effect);\n  else journal.hold(effect, hasMore);',
        replace: '  state.effects.push(effect);\n  void hasMore;',
      },
    ],
  },
  {
    name: 'a primary commits what its own disk has not',
    rule: 'R9',
    why: 'The backups have it on theirs, so it cannot be lost. But the primary may come back first, and alone.',
    edits: [
      {
        file: PERSISTENCE,
        find: '  return Math.min(journal.durableIndex, (log.changedFrom ?? Infinity) - 1);',
        replace: '  return log.lastIndex;',
      },
    ],
  },
  {
    name: 'cuts the log behind what is applied in memory',
    rule: 'R12',
    why: 'What is applied is applied. After a restart it is not.',
    edits: [
      {
        file: COMMIT,
        find: '  let through = Math.min(state.commitIndex, state.journal?.applied ?? Infinity);',
        replace: '  let through = state.commitIndex;',
      },
    ],
  },
  {
    name: 'notes how far the data goes without the data',
    rule: 'R9',
    why: 'The number and the records are written in two places, and one of them is forgotten.',
    edits: [
      {
        file: PERSISTENCE,
        find: 'journal.appliedSoon, piece);',
        replace: 'journal.appliedSoon, checkpoint.isOver ? undefined : piece);',
      },
    ],
  },
  {
    name: 'keeps no sessions on disk',
    rule: 'S4, R9',
    why: 'The data is what counts. Until a client sends an operation again to a server that has been restarted.',
    edits: [
      {
        file: STATE_MACHINE,
        find: '    return { cells, sessions: this.sessions.takeChanges() };',
        replace: '    return { cells, sessions: [] };',
      },
    ],
  },
  {
    name: 'forgets that keys were deleted',
    rule: 'R9',
    why: 'What is gone needs no record. The old one is still there.',
    edits: [
      {
        file: RECORDER,
        find: "    if (cell === null) changes.push({ kind: 'delete', key });\n    else changes.push",
        replace: '    if (cell !== null) changes.push',
      },
    ],
  },
  {
    name: 'lets each piece of a checkpoint count at once',
    rule: 'R9',
    why: 'The data only becomes newer. But the log is applied again from the last whole checkpoint on.',
    edits: [
      {
        file: PERSISTENCE,
        find: 'checkpoint: checkpoint.number };',
        replace: 'checkpoint: 0 };',
      },
    ],
  },
  {
    name: 'takes all of the log for committed',
    rule: 'R9, R3',
    why: 'It was synced before the server stopped. But nobody else may have it.',
    edits: [
      {
        file: LOAD,
        find: '  return { entries, commit, logRecords };',
        replace: '  return { entries, commit: base.index + entries.length, logRecords };',
      },
    ],
  },
  {
    name: 'goes on after the disk has failed',
    rule: 'R9',
    why: 'The next write may succeed. What the failed one held is nowhere, and later ones build on it.',
    edits: [
      {
        file: GROUP_COMMIT,
        find: '        onFailure(error as UnderstudyError);\n        return;\n',
        replace: '        void [onFailure, error];\n',
      },
    ],
  },
  {
    name: 'takes a record as it is found',
    rule: 'R9',
    why: 'What was written is what is read. Except where a bit has flipped.',
    edits: [
      {
        file: 'rpc/src/sealed.ts',
        find: '  if (sumOf(key, text) !== stored.slice(0, SUM_DIGITS)) throw damaged(`the checksum of ${key} is wrong`);\n',
        replace: '',
      },
    ],
  },
];
