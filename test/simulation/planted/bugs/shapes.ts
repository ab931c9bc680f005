/** Bugs in code that only runs of some shapes reach: full tables of sessions, and large values. */
import type { PlantedBug } from '../bug.ts';

const PLACES = 'kvservice/src/core/session-places.ts';

export const SHAPE_BUGS: readonly PlantedBug[] = [
  {
    name: 'ends an idle session for another one before those that were never used',
    rule: 'S5',
    why: 'Both make room; which of the two is looked for first seems not to matter.',
    shape: 'few-sessions',
    edits: [
      {
        file: PLACES,
        find: 'state.machine.sessions.takeUnused(isBusy) ?? takeIdle(state, primary, from);',
        replace: 'takeIdle(state, primary, from) ?? state.machine.sessions.takeUnused(isBusy);',
      },
    ],
  },
  {
    name: 'ends a session for another one however recently it was used',
    rule: 'S5',
    why: 'The one that was idle for the longest is at the head of the queue, and may have been used just now.',
    shape: 'few-sessions',
    edits: [{ file: PLACES, find: 'const RECENT = 1 / 60;', replace: 'const RECENT = 0;' }],
  },
  {
    name: 'takes what a batch left out for an absent key',
    rule: 'C3',
    why: 'The answer has null there, and so has an absent key.',
    shape: 'large-values',
    edits: [
      {
        file: 'kvservice/src/client/batcher.ts',
        find: 'if (item === null) this.#alone(to, each, true);',
        replace: 'if (item === null) each.resolve({ value: null, revision: 0 });',
      },
    ],
  },
  {
    name: 'a page that long values end early is the last one',
    rule: 'L4',
    why: 'There is more where the page is full; that it may end before it is full came later.',
    shape: 'large-values',
    edits: [
      {
        file: 'kvservice/src/core/scan.ts',
        find: 'if (entries.length === limit || units > PAGE_UNITS) return { entries, more: true };',
        replace: 'if (entries.length === limit || units > PAGE_UNITS) return { entries, more: units <= PAGE_UNITS };',
      },
    ],
  },
  {
    name: 'ends a session for another one, and again as an idle one',
    rule: 'S5',
    why: 'A session that makes room is forgotten. One that was never heard counts as idle since the primary began.',
    shape: 'few-sessions',
    edits: [
      {
        file: 'kvservice/src/core/primary.ts',
        find: '    if (primary.heard.isEnding(session)) continue;\n',
        replace: '',
      },
    ],
  },
];
