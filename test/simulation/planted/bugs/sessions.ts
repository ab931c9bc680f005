/** Bugs in what makes an operation take effect once (S1 to S5). */
import type { PlantedBug } from '../bug.ts';

const PRIMARY = 'kvservice/src/core/primary.ts';
const SESSIONS = 'kvservice/src/core/sessions.ts';
const MACHINE = 'kvservice/src/core/state-machine.ts';

export const SESSION_BUGS: readonly PlantedBug[] = [
  {
    name: 'ends a session that was just opened',
    rule: 'S5',
    why: 'A session in which nothing was done yet seems to be idle for as long as its primary is primary.',
    edits: [
      {
        file: 'kvservice/src/core/commit.ts',
        find: "    if (entry.operation.kind === 'openSession') noteOpening(state, primary, outcome);\n",
        replace: '',
      },
    ],
  },
  {
    name: 'ends sessions at half of their time to live',
    rule: 'S5',
    why: 'The time between two looks, taken for the time to live.',
    edits: [
      {
        file: PRIMARY,
        find: 'if (state.at.now - heard <= sessionTtlMs) continue;',
        replace: 'if (state.at.now - heard <= sessionTtlMs / 2) continue;',
      },
    ],
  },
  {
    name: 'never ends a session that was used',
    rule: 'S5',
    why: 'What the primary has forgotten it heard of is taken for what it hears of now.',
    edits: [
      {
        file: PRIMARY,
        find: 'primary.heard.whenHeard(session) ?? primary.sinceMs;',
        replace: 'primary.heard.whenHeard(session) ?? state.at.now;',
      },
    ],
  },
  {
    name: 'takes writes with one backup too few',
    rule: 'R11',
    why: 'At least, or more than?',
    edits: [
      { file: PRIMARY, find: 'if (counted < config.minBackups) {', replace: 'if (counted + 1 < config.minBackups) {' },
    ],
  },
  {
    name: 'looks for duplicates only when they arrive',
    rule: 'S3',
    why: 'The first try may be in the log still: both are applied.',
    edits: [
      {
        file: MACHINE,
        find: 'if (before !== undefined) return before;',
        replace: "if (before?.kind === 'refused') return before;",
      },
    ],
  },
  {
    name: 'answers another operation of the same number',
    rule: 'S3',
    why: 'A number is given once. A client that gives it twice is told that something is done which never was.',
    edits: [
      {
        file: 'kvservice/src/core/remembered.ts',
        find: 'return operation === this.#operation || this.digest === undefined || this.digest === digestOf(operation);',
        replace: 'return true;',
      },
    ],
  },
  {
    name: 'remembers only the last result of a session',
    rule: 'S3',
    why: 'Enough for a client that waits for each answer. This one has many operations under way.',
    edits: [
      {
        file: SESSIONS,
        find: '    session.results.set(origin.seq, remembered);\n',
        replace: '    session.results.clear();\n    session.results.set(origin.seq, remembered);\n',
      },
    ],
  },
  {
    name: 'drops remembered results one too early',
    rule: 'S2, S3',
    why: 'Acknowledged up to, or up to and including?',
    edits: [
      {
        file: SESSIONS,
        find: 'for (let seq = session.acked + 1; seq <= origin.acked; seq++)',
        replace: 'for (let seq = session.acked + 1; seq <= origin.acked + 1; seq++)',
      },
      {
        file: SESSIONS,
        find: 'if (seq <= origin.acked) this.#forget(session, seq);',
        replace: 'if (seq <= origin.acked + 1) this.#forget(session, seq);',
      },
    ],
  },
  {
    name: 'takes a late copy for a new operation',
    rule: 'S3',
    why: 'Nothing is remembered of it, so it must be new. It was acknowledged long ago.',
    edits: [{ file: SESSIONS, find: 'if (origin.seq <= session.acked) {', replace: 'if (origin.seq <= 0) {' }],
  },
  {
    name: 'expires sessions by its own clock',
    rule: 'S5',
    why: 'Every server can see that a session is idle. They do not see it between the same two operations.',
    edits: [
      {
        file: PRIMARY,
        find: "primary.expiryIndex = appendOwn(state, { kind: 'expireSession', session });",
        replace: 'state.machine.sessions.expire(session);',
      },
    ],
  },
  {
    name: 'names sessions after the server that opened them',
    rule: 'S1, R5',
    why: 'Each server, applying the same entry, comes to another name.',
    edits: [
      {
        file: 'kvservice/src/core/commit.ts',
        find: 'state.machine.apply(next, entry, state.cluster)',
        replace: 'state.machine.apply(next, entry, state.config.server)',
      },
    ],
  },
  {
    name: 'the result of a refused operation is not the same twice',
    rule: 'S3',
    why: 'A compare-and-swap that failed changed nothing, so it need not be remembered. Next time it may succeed.',
    edits: [
      {
        file: MACHINE,
        find: '    this.sessions.remember(origin, operation, outcome, index);\n',
        replace: `    const isFailedSwap = outcome.kind === 'result' && 'swapped' in outcome.result && !outcome.result.swapped;
    if (!isFailedSwap) this.sessions.remember(origin, operation, outcome, index);
`,
      },
    ],
  },
  {
    name: 'a repeated compare-and-swap is told what is remembered as it is',
    rule: 'S3, S9',
    why: 'Its value is not kept, because the operation brings it along: whoever answers a repeat has to put it back.',
    edits: [
      {
        file: SESSIONS,
        find: '? remembered?.outcomeOf(operation)',
        replace: '? remembered?.outcome',
      },
    ],
  },
  {
    name: 'lets later results keep out the operation that has to be confirmed first',
    rule: 'S9',
    why: 'A bound is a bound. But nothing after that operation can be confirmed before it: the client waits for ever.',
    edits: [
      {
        file: SESSIONS,
        find: 'return origin.seq === session.acked + 1 || session.textUnits',
        replace: 'return session.textUnits',
      },
    ],
  },
  {
    name: 'remembers the value of one result beyond the bound of its session',
    rule: 'S9',
    why: 'The operation is done by then, and forgetting its result would be wrong. It had to be refused before.',
    edits: [{ file: MACHINE, find: 'if (!this.sessions.hasRoom(', replace: 'if (false && !this.sessions.hasRoom(' }],
  },
];
