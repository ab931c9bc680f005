import { expect } from 'chai';
import { failureOf, type Instead, type ScriptedCluster, withCluster } from './client-cluster.ts';

/** What a try comes to, and whether the server may have done the operation for it. */
const TRIES: Readonly<Record<string, { readonly instead: Instead; readonly mayHaveArrived: boolean }>> = {
  'not ready': { instead: { fail: 'NOT_READY' }, mayHaveArrived: false },
  'not primary': { instead: { fail: 'NOT_PRIMARY' }, mayHaveArrived: false },
  overloaded: { instead: { fail: 'OVERLOADED', data: { retryAfterMs: 60 } }, mayHaveArrived: false },
  silent: { instead: { hang: true }, mayHaveArrived: true },
  'outcome unknown': { instead: { fail: 'OUTCOME_UNKNOWN' }, mayHaveArrived: true },
  'not ready, but not sure': { instead: { fail: 'NOT_READY', definite: false }, mayHaveArrived: true },
};

interface Ending {
  /** The last try, after those of the table; without one the operation ends in the wait before it. */
  readonly instead?: Instead;
  /** Called when the last try has arrived, or when the wait before it has begun. */
  readonly end?: (parts: { readonly abort: () => void; readonly close: () => void }) => void;
  readonly name: string;
  /** Nothing but earlier tries speaks against it. */
  readonly definite: boolean;
}

const ENDINGS: Readonly<Record<string, Ending>> = {
  'aborted in the wait': { end: ({ abort }) => abort(), name: 'ABORTED', definite: true },
  'closed in the wait': { end: ({ close }) => close(), name: 'CLOSED', definite: true },
  'aborted in flight': { instead: { hang: true }, end: ({ abort }) => abort(), name: 'ABORTED', definite: false },
  'closed in flight': { instead: { hang: true }, end: ({ close }) => close(), name: 'CLOSED', definite: false },
  INVALID_PARAMS: { instead: { fail: 'INVALID_PARAMS' }, name: 'INVALID_PARAMS', definite: true },
  TOO_LARGE: { instead: { fail: 'TOO_LARGE' }, name: 'TOO_LARGE', definite: true },
  METHOD_NOT_FOUND: { instead: { fail: 'METHOD_NOT_FOUND' }, name: 'METHOD_NOT_FOUND', definite: true },
  RESULT_DROPPED: { instead: { fail: 'RESULT_DROPPED' }, name: 'RESULT_DROPPED', definite: false },
  INTERNAL_ERROR: { instead: { fail: 'INTERNAL_ERROR' }, name: 'INTERNAL_ERROR', definite: false },
  nonsense: { instead: { answer: { revision: 'many' } }, name: 'INTERNAL_ERROR', definite: false },
};

const ROWS = ['', ...Object.keys(TRIES)].flatMap((first) =>
  ['', ...Object.keys(TRIES)]
    .filter((second) => first !== '' || second === '')
    .map((second) => [first, second].filter((name) => name !== '')),
);

/** Plays the tries and the ending against one operation; how it fails. */
async function play(cluster: ScriptedCluster, method: 'put' | 'get', tries: readonly string[], ending: Ending) {
  const kv = cluster.client({ pingInterval: 20, tryTimeout: 25 });
  await kv.put('k', '0');
  const abort = new AbortController();
  const parts = { abort: () => abort.abort(), close: () => void kv.close() };
  const instead = tries.map((name) => TRIES[name]?.instead);
  let count = 0;
  cluster.script = ({ params, method: called }) => {
    if (called !== `kv.${method}` || params['key'] !== 'x') return undefined;
    count++;
    if (count === tries.length && ending.instead === undefined)
      endInTheWait(cluster, instead.at(-1), () => ending.end?.(parts));
    if (count <= tries.length) return instead[count - 1];
    cluster.world.at(0, () => ending.end?.(parts));
    return ending.instead;
  };
  const operation =
    method === 'put' ? kv.put('x', 'v', { signal: abort.signal }) : kv.get('x', { signal: abort.signal });
  const failure = await failureOf(operation);
  await kv.close();
  cluster.expectNothingLeft();
  return failure;
}

/** When the try has surely failed and the next one is not due yet. */
function endInTheWait(cluster: ScriptedCluster, instead: Instead | undefined, end: () => void): void {
  cluster.world.at(instead !== undefined && 'hang' in instead ? 30 : 5, end);
}

describe('client: the truth about what may have been done (S6)', () => {
  for (const tries of ROWS) {
    for (const [how, ending] of Object.entries(ENDINGS)) {
      if (tries.length === 0 && ending.instead === undefined) continue;
      const definite = ending.definite && tries.every((name) => TRIES[name]?.mayHaveArrived === false);
      const title = [...tries, how].join(', then ');
      it(`${title}: ${definite ? 'definitely not done' : 'unknown'}`, () =>
        withCluster(async (cluster) => {
          const failure = await play(cluster, 'put', tries, ending);
          expect([failure.name, failure.definite]).to.deep.equal([ending.name, definite]);
        }));
    }
  }

  for (const first of Object.keys(TRIES)) {
    for (const [how, ending] of Object.entries(ENDINGS)) {
      it(`a read is always definite: ${first}, then ${how}`, () =>
        withCluster(async (cluster) => {
          const failure = await play(cluster, 'get', [first], ending);
          expect([failure.name, failure.definite]).to.deep.equal([ending.name, true]);
        }));
    }
  }

  for (const tries of ROWS.filter(({ length }) => length > 0)) {
    const definite = tries.every((name) => TRIES[name]?.mayHaveArrived === false);
    it(`${tries.join(', then ')}, until the time is over: ${definite ? 'definitely not done' : 'unknown'}`, () =>
      withCluster(async (cluster) => {
        const kv = cluster.client({ tryTimeout: 100 });
        await kv.put('k', '0');
        const instead = tries.map((name) => TRIES[name]?.instead);
        const pause: Instead = { fail: 'OVERLOADED', data: { retryAfterMs: 9_000 } };
        cluster.script = (_, count) => instead[count - 2] ?? pause;
        const before = cluster.world.now;
        const failure = await failureOf(kv.put('x', 'v', { timeout: 2_000 }));
        expect([failure.name, failure.definite]).to.deep.equal(['TIMEOUT', definite]);
        expect(cluster.world.now - before).to.be.within(1_999, 2_001);
        await kv.close();
        cluster.expectNothingLeft();
      }));
  }

  it('a time that ends in flight: unknown', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.script = () => ({ hang: true });
      const failure = await failureOf(kv.put('x', 'v', { timeout: 120 }));
      expect([failure.name, failure.definite]).to.deep.equal(['TIMEOUT', false]);
      expect(failure.message).to.match(/^put: no answer in time; it may or may not take effect/);
      expect(failure.data).to.deep.equal({ operation: 'put', tries: 1, server: 'a:1' });
      await kv.close();
    }));

  it('a request that never left its process is definitely not done', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      const abort = new AbortController();
      const operation = failureOf(kv.put('x', 'v', { signal: abort.signal }));
      abort.abort();
      const failure = await operation;
      expect([failure.name, failure.definite]).to.deep.equal(['ABORTED', true]);
      await cluster.world.runFor(1_000);
      expect(cluster.of('kv.put')).to.have.length(1);
      await kv.close();
    }));

  it('nobody is there: a time that ends is definite, a lost connection is not', () =>
    withCluster(async (cluster) => {
      const kv = cluster.client();
      await kv.put('k', '0');
      cluster.crash('a:1');
      const unreachable = await failureOf(kv.put('x', 'v', { timeout: 1_000 }));
      expect([unreachable.name, unreachable.definite]).to.deep.equal(['TIMEOUT', true]);
      await cluster.startServer('a:1');
      cluster.script = () => ({ crash: true });
      const lost = await failureOf(kv.put('x', 'v', { timeout: 1_000 }));
      expect([lost.name, lost.definite]).to.deep.equal(['TIMEOUT', false]);
      await kv.close();
    }));
});
