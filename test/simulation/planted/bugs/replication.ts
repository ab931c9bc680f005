/** Bugs in what is prepared, committed and cut (R1 to R6, R10). */
import type { PlantedBug } from '../bug.ts';

const ANSWERS = 'kvservice/src/core/answers.ts';
const BACKUP = 'kvservice/src/core/backup.ts';
const COMMIT = 'kvservice/src/core/commit.ts';
const REPLICA = 'kvservice/src/core/replica.ts';

export const REPLICATION_BUGS: readonly PlantedBug[] = [
  {
    name: 'commits before the backups have prepared',
    rule: 'R4',
    why: 'What was sent will arrive, so the answer need not wait: the write is gone when the primary dies first.',
    edits: [
      {
        file: COMMIT,
        find: 'if (progress.counted && progress.match < index) index = progress.match;',
        replace: 'if (progress.counted && progress.next - 1 < index) index = progress.next - 1;',
      },
    ],
  },
  {
    name: 'commits with a majority',
    rule: 'R4',
    why: 'As in Raft. But here the monitor promotes without asking for votes, and may choose the one who lacks the entry.',
    edits: [
      {
        file: COMMIT,
        find: `  let index = durableIndex(state);
  for (const progress of primary.backups.values())
    if (progress.counted && progress.match < index) index = progress.match;
`,
        replace: `  const held = [durableIndex(state)];
  for (const progress of primary.backups.values()) if (progress.counted) held.push(progress.match);
  const index = held.sort((one, other) => other - one)[Math.floor(held.length / 2)] ?? 0;
`,
      },
    ],
  },
  {
    name: 'takes an accepted prepare for all that was sent by now',
    rule: 'R3',
    why: 'One answer does for the whole window: entries that are still under way count as prepared.',
    edits: [
      {
        file: ANSWERS,
        find: 'progress.match = Math.max(progress.match, verified);',
        replace: 'progress.match = Math.max(progress.match, verified, progress.next - 1);',
      },
    ],
  },
  {
    name: 'a backup applies what it has prepared',
    rule: 'R5',
    why: 'The entry will be committed soon. Unless the primary dies with it, and another entry takes its place.',
    edits: [
      {
        file: BACKUP,
        find: 'commitThrough(state, Math.min(commit, verified));',
        replace: 'commitThrough(state, verified);',
      },
      {
        file: BACKUP,
        find: 'if (Math.min(commit, verified) > state.commitIndex)',
        replace: 'if (verified > state.commitIndex)',
      },
    ],
  },
  {
    name: 'leaves a conflicting suffix in place',
    rule: 'R3',
    why: 'An entry with that index is there already, so it must be a duplicate: logs are compared by length.',
    edits: [
      { file: BACKUP, find: 'if (known === entry.viewnum) continue;', replace: 'if (known !== undefined) continue;' },
    ],
  },
  {
    name: 'cuts off whatever lies beyond a prepare',
    rule: 'R3',
    why: 'A late prepare takes away entries that came after it and were answered for. (An often made mistake with Raft.)',
    edits: [
      {
        file: BACKUP,
        find: '  takeEntries(state, previous.index, entries);\n',
        replace: `  takeEntries(state, previous.index, entries);
  if (previous.index + entries.length >= log.base.index) log.cutAbove(previous.index + entries.length);
`,
      },
    ],
  },
  {
    name: 'accepts prepares of an older view',
    rule: 'R3',
    why: 'Whoever was primary when the prepare left, was primary; it only took long.',
    edits: [
      {
        file: BACKUP,
        find: 'if (message.viewnum < state.view.viewnum) {',
        replace: "if (message.viewnum < state.view.viewnum && state.role.kind !== 'backup') {",
      },
      {
        file: BACKUP,
        find: "if (role.kind !== 'backup' || message.viewnum !== view.viewnum)",
        replace: "if (role.kind !== 'backup' || message.viewnum > view.viewnum)",
      },
      {
        file: BACKUP,
        find: 'message.server !== view.primary ||\n',
        replace: '(message.viewnum === view.viewnum && message.server !== view.primary) ||\n',
      },
      {
        file: BACKUP,
        find: 'message.incarnation !== (view.incarnations?.[view.primary] ?? message.incarnation)',
        replace:
          '(message.viewnum === view.viewnum && message.incarnation !== (view.incarnations?.[view.primary] ?? message.incarnation))',
      },
    ],
  },
  {
    name: 'answers before its inherited log is committed',
    rule: 'R6',
    why: 'A backup learns of the last commits only by the next prepare: as primary it does not know yet what was answered.',
    edits: [
      {
        file: REPLICA,
        find: 'if (primary.serving || state.commitIndex < primary.floor) return;',
        replace: 'if (primary.serving) return;',
      },
    ],
  },
  {
    name: 'a primary gives up a silent backup by itself',
    rule: 'V13',
    why: 'Writes go on sooner. But the monitor may have given up the primary, and promote that very backup.',
    edits: [
      {
        file: 'kvservice/src/core/silence.ts',
        find: '  progress.silentMs += sinceMs;\n',
        replace: `  progress.silentMs += sinceMs;
  if (wasLost) progress.counted = false;
`,
      },
    ],
  },
  {
    name: 'compares logs by length',
    rule: 'R10',
    why: 'A backup whose log is long enough takes the entries, though what lies before them is something else.',
    edits: [
      {
        file: BACKUP,
        find: 'if (previous.index > state.commitIndex && !log.has(previous)) {',
        replace: 'if (previous.index > log.lastIndex) {',
      },
    ],
  },
  {
    name: "commits as far as the backup's log goes",
    rule: 'R3, R5',
    why: 'The commit index of the prepare is compared with what is there, and not with what is the same there.',
    edits: [
      {
        file: BACKUP,
        find: 'if (Math.min(commit, verified) > state.commitIndex) commitThrough(state, Math.min(commit, verified));',
        replace:
          'if (Math.min(commit, log.lastIndex) > state.commitIndex) commitThrough(state, Math.min(commit, log.lastIndex));',
      },
    ],
  },
  {
    name: 'takes a piece of a large entry wherever it belongs',
    rule: 'R2',
    why: 'Pieces come in order. One that comes twice makes a text that is no entry, and that no piece completes.',
    faults: ['slow-link', 'duplicate'],
    edits: [
      {
        file: 'kvservice/src/core/assembly.ts',
        find: 'if (from === this.#text.length && from +',
        replace: 'if (from <= this.#text.length && from +',
      },
    ],
  },
];
