/** Bugs in the client: what it sends again, and what it tells its caller (S2, S6, S7, C2). */
import type { PlantedBug } from '../bug.ts';

const EFFORT = 'kvservice/src/client/effort.ts';
const PURSUIT = 'kvservice/src/client/pursuit.ts';

export const CLIENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'every try has a number of its own',
    rule: 'C2, S2',
    why: 'A retry is one more request. The server cannot know that it is the same operation.',
    edits: [
      {
        file: PURSUIT,
        find: '    this.#announceRetry(effort, failure);\n',
        replace: '    this.#announceRetry(effort, failure);\n    this.#parts.sessions.settle(effort);\n',
      },
    ],
  },
  {
    name: 'giving up in the middle of a try is definite',
    rule: 'S6',
    why: 'No server has said that it did anything.',
    edits: [
      {
        file: EFFORT,
        find: '    this.#lastFailure = failure;\n    if (!failure.definite)',
        replace: "    this.#lastFailure = failure;\n    if (!failure.definite && failure.name !== 'TIMEOUT')",
      },
    ],
  },
  {
    name: 'acknowledges everything before the newest operation',
    rule: 'S2',
    why: 'True for a client that does one thing after another. Of this one, earlier operations may be under way, and sent again.',
    edits: [
      { file: 'kvservice/src/client/numbered-params.ts', find: 'acked: window.acked', replace: 'acked: seq - 1' },
    ],
  },
  {
    name: 'results of a request of many in the order in which they came about',
    rule: 'C3, S3',
    why: 'They are all done together, in order. But an operation that is sent again is answered from memory at once, before those that still wait.',
    edits: [
      {
        file: 'kvservice/src/batch.ts',
        find: 'this.#results[place.index] = fits ? item : null;',
        replace: 'this.#results[this.#answered.length] = fits ? item : null;',
      },
    ],
  },
  {
    name: 'packs entries of one session together, whatever their clients acknowledged',
    rule: 'R5, S2',
    why: 'The session is the same, and so is the view. What was acknowledged went on growing in between.',
    edits: [
      {
        file: 'kvservice/src/packed.ts',
        find: ' && a.origin?.acked === b.origin?.acked',
        replace: '',
      },
    ],
  },
];
