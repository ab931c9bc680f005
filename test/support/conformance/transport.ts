/** What every Transport does. */
import {
  type Address,
  type CallObserver,
  type FailureName,
  type Listener,
  type Method,
  type Params,
  type Reply,
  type Transport,
  UnderstudyError,
} from '@understudy/rpc';
import { expect } from 'chai';
import type { Passage } from './passage.ts';

/** Two transports on one network, without faults. */
export interface TransportUnderTest extends Passage {
  /** The one that listens. */
  readonly server: Transport;
  /** The one that calls. */
  readonly client: Transport;
  /** Where `server` may listen; with port 0 where it is free to choose. */
  readonly listenAt: Address;
  /** Where nobody listens. */
  readonly nowhere: Address;
}

interface Observation {
  readonly method: string;
  readonly params: Params;
  readonly tookMs: number;
  readonly failure: FailureName | undefined;
}

/** Long enough never to run out in a test that does not mean it to. */
const LONG_MS = 10_000;

export function transportConformance(
  name: string,
  setup: () => TransportUnderTest | Promise<TransportUnderTest>,
): void {
  describe(`Transport: ${name}`, () => {
    let twin: TransportUnderTest;
    let listener: Listener;
    /** Requests that `test.hold` got and has not answered. */
    let held: { readonly params: Params; readonly reply: Reply }[];

    /** What the listener's observer was told. */
    let observed: Observation[];

    const methods: Readonly<Record<string, Method>> = {
      'test.echo': (params, reply) => reply.result(params),
      'test.from': (_params, reply) => reply.result({ from: reply.from }),
      'test.hold': (params, reply) => void held.push({ params, reply }),
      'test.refuse': (_params, reply) =>
        reply.failure(new UnderstudyError('NOT_PRIMARY', 'no primary here', { data: { view: { viewnum: 3 } } })),
      'test.throw': () => {
        throw new UnderstudyError('NOT_READY', 'thrown', { data: { waitMs: 5 } });
      },
      'test.defect': () => {
        throw new TypeError('a secret');
      },
      'test.answer-twice': (_params, reply) => {
        reply.result({ answer: 1 });
        reply.result({ answer: 2 });
        reply.failure(new UnderstudyError('NOT_READY', 'third'));
        throw new TypeError('fourth');
      },
      'test.change-after-answer': (_params, reply) => {
        const result = { value: 'as it was' };
        reply.result(result);
        result.value = 'changed';
      },
    };

    beforeEach(async () => {
      held = [];
      observed = [];
      twin = await setup();
      const observer: CallObserver = {
        answered: (method, params, tookMs, failure) => void observed.push({ method, params, tookMs, failure }),
      };
      listener = await twin.until(twin.server.listen({ address: twin.listenAt, methods, observer }));
    });
    afterEach(async () => {
      await twin.until(Promise.all([twin.client.close(), listener.close()]));
      await twin.cleanup();
    });

    const call = (method: string, params: object = {}, timeoutMs = LONG_MS, to = listener.address): Promise<unknown> =>
      twin.client.call(to, method, params, { timeoutMs });
    const failureOf = (promise: Promise<unknown>): Promise<UnderstudyError> => twin.until(failure(promise));
    /** Lets time pass until `test.hold` has `count` requests. */
    const untilHeld = async (count: number): Promise<void> => {
      for (let tries = 0; held.length < count && tries < 500; tries++) await twin.advance(2);
      expect(held).to.have.length(count);
    };

    describe('requests and results', () => {
      it('names the address with the port that was taken', () => {
        expect(listener.address).to.match(/:[1-9]\d*$/);
      });

      it('carries params there and the result back', async () => {
        const params = { text: 'a\n"\\\u0000\u2028é😀', number: -1.5e300, list: [null, true, { deep: [] }], '': 0 };
        expect(await twin.until(call('test.echo', params))).to.deep.equal(params);
      });

      it('says which machine asks, the same for every request', async () => {
        const [one, two] = await twin.until(Promise.all([call('test.from'), call('test.from')]));
        expect((one as { readonly from: unknown }).from).to.be.a('string').that.is.not.empty;
        expect(two).to.deep.equal(one);
      });

      it('carries what JSON carries: a copy, without what is undefined', async () => {
        const result = await twin.until(call('test.echo', { kept: 1, left: undefined, nothing: Number.NaN }));
        expect(result).to.deep.equal({ kept: 1, nothing: null });
        expect(result).not.to.have.property('left');
      });

      it('carries the name __proto__ like any other', async () => {
        const params: unknown = JSON.parse('{"__proto__":{"polluted":true},"constructor":"x"}');
        const result = await twin.until(call('test.echo', params as object));
        expect(JSON.stringify(result)).to.equal('{"__proto__":{"polluted":true},"constructor":"x"}');
        expect(({} as Record<string, unknown>).polluted).to.equal(undefined);
      });

      it('carries params as they were when the call was made', async () => {
        const params = { value: 'as it was' };
        const answer = call('test.echo', params);
        params.value = 'changed';
        expect(await twin.until(answer)).to.deep.equal({ value: 'as it was' });
      });

      it('carries a result as it was when it was given', async () => {
        expect(await twin.until(call('test.change-after-answer'))).to.deep.equal({ value: 'as it was' });
      });

      it('carries a megabyte', async () => {
        const params = { text: 'é'.repeat(500_000) };
        expect(await twin.until(call('test.echo', params))).to.deep.equal(params);
      });

      it('gives each of many calls its own answer', async () => {
        const answers = Array.from({ length: 1_000 }, (_, index) => call('test.echo', { index }));
        expect(await twin.until(Promise.all(answers))).to.deep.equal(answers.map((_, index) => ({ index })));
      });

      it('takes answers in any order', async () => {
        const answers = new Map([0, 1, 2].map((index) => [index, call('test.hold', { index })]));
        await untilHeld(3);
        for (const { params, reply } of held.toReversed()) {
          reply.result({ answered: params.index });
          expect(
            await twin.until(
              answers.get(params.index as number) ?? Promise.reject(new Error('a request that nobody made')),
            ),
          ).to.deep.equal({ answered: params.index });
        }
      });

      it('does not let a call that waits hold up others', async () => {
        const waiting = call('test.hold');
        await untilHeld(1);
        expect(await twin.until(call('test.echo', { n: 1 }))).to.deep.equal({ n: 1 });
        held[0]?.reply.result({});
        await twin.until(waiting);
      });

      it('takes the first answer of a method, and no other', async () => {
        expect(await twin.until(call('test.answer-twice'))).to.deep.equal({ answer: 1 });
        expect(await twin.until(call('test.echo', { n: 1 }))).to.deep.equal({ n: 1 });
      });
    });

    describe('failures that the peer answers', () => {
      const rows: readonly (readonly [string, FailureName, boolean, Readonly<Record<string, unknown>>])[] = [
        ['test.refuse', 'NOT_PRIMARY', true, { view: { viewnum: 3 } }],
        ['test.throw', 'NOT_READY', true, { waitMs: 5 }],
        ['test.defect', 'INTERNAL_ERROR', false, {}],
        ['test.unknown', 'METHOD_NOT_FOUND', true, {}],
        ['constructor', 'METHOD_NOT_FOUND', true, {}],
        ['__proto__', 'METHOD_NOT_FOUND', true, {}],
        ['toString', 'METHOD_NOT_FOUND', true, {}],
        ['', 'METHOD_NOT_FOUND', true, {}],
      ];
      for (const [method, expected, definite, data] of rows) {
        it(`${JSON.stringify(method)} fails with ${expected}`, async () => {
          const error = await failureOf(call(method));
          expect(error.name).to.equal(expected);
          expect(error.definite).to.equal(definite);
          expect(error.data).to.deep.equal(data);
        });
      }

      it('tells nothing of a defect but that there is one', async () => {
        const error = await failureOf(call('test.defect'));
        expect(JSON.stringify(error.toWire())).not.to.match(/secret|TypeError|\.ts|\//);
      });

      it('takes no list for params', async () => {
        expect((await failureOf(call('test.echo', [1]))).name).to.equal('INVALID_PARAMS');
      });

      it('refuses params that JSON cannot hold, before they leave', async () => {
        const circular: Record<string, unknown> = {};
        circular.self = circular;
        for (const params of [circular, { big: 1n }]) {
          const error = await failureOf(call('test.echo', params));
          expect([error.name, error.definite]).to.deep.equal(['INVALID_PARAMS', true]);
        }
      });

      it('answers a result that JSON cannot hold as a defect', async () => {
        const answer = call('test.hold');
        await untilHeld(1);
        held[0]?.reply.result({ big: 1n });
        expect((await failureOf(answer)).name).to.equal('INTERNAL_ERROR');
      });
    });

    describe('an observer of the answers', () => {
      const told = () => observed.map(({ method, params, failure }) => ({ method, params, failure }));

      it('is told of each once, with what was asked and the name of the failure', async () => {
        await twin.until(call('test.echo', { n: 1 }));
        await failureOf(call('test.refuse', { n: 2 }));
        await failureOf(call('test.throw', { n: 3 }));
        await failureOf(call('test.defect', { n: 4 }));
        await twin.until(call('test.answer-twice', { n: 5 }));
        await failureOf(call('test.nothing', { n: 6 }));
        expect(told()).to.deep.equal([
          { method: 'test.echo', params: { n: 1 }, failure: undefined },
          { method: 'test.refuse', params: { n: 2 }, failure: 'NOT_PRIMARY' },
          { method: 'test.throw', params: { n: 3 }, failure: 'NOT_READY' },
          { method: 'test.defect', params: { n: 4 }, failure: 'INTERNAL_ERROR' },
          { method: 'test.answer-twice', params: { n: 5 }, failure: undefined },
        ]);
      });

      it('is told when the answer is given, and how long that took', async () => {
        const slow = call('test.hold', { n: 1 });
        await untilHeld(1);
        await twin.advance(60);
        expect(observed).to.deep.equal([]);
        held[0]?.reply.result({});
        await twin.until(slow);
        expect(observed).to.have.length(1);
        expect(observed[0]?.tookMs).to.be.within(50, 5_000);
      });
    });

    describe('calls that end without an answer', () => {
      it('fails with UNREACHABLE where nobody listens: the request never left', async () => {
        const error = await failureOf(call('test.echo', {}, LONG_MS, twin.nowhere));
        expect([error.name, error.definite]).to.deep.equal(['UNREACHABLE', true]);
      });

      it('fails for what is no address', async () => {
        const error = await failureOf(call('test.echo', {}, LONG_MS, 'no address'));
        expect([error.name, error.definite]).to.deep.equal(['INVALID_PARAMS', true]);
      });

      it('fails with TIMEOUT when the answer does not come in time, and forgets one that comes late', async () => {
        const error = await failureOf(call('test.hold', {}, 50));
        expect([error.name, error.definite]).to.deep.equal(['TIMEOUT', false]);
        held[0]?.reply.result({ late: true });
        expect(await twin.until(call('test.echo', { n: 1 }))).to.deep.equal({ n: 1 });
      });

      it('does not time out early', async () => {
        let over = false;
        const error = failure(call('test.hold', {}, 500)).finally(() => {
          over = true;
        });
        const before = twin.advance(100);
        await untilHeld(1);
        await before;
        expect(over).to.equal(false);
        await twin.until(error);
      });

      it('waits for ever when told to, and other calls have deadlines of their own', async () => {
        const waiting = call('test.hold', {}, Number.POSITIVE_INFINITY);
        await failureOf(call('test.hold', {}, 30));
        await twin.advance(200);
        held[0]?.reply.result({ patient: true });
        expect(await twin.until(waiting)).to.deep.equal({ patient: true });
      });

      it('fails at once with a definite TIMEOUT where there is no time', async () => {
        for (const timeoutMs of [0, -1, Number.NaN]) {
          const error = await failureOf(call('test.hold', {}, timeoutMs));
          expect([error.name, error.definite]).to.deep.equal(['TIMEOUT', true]);
        }
        await twin.advance(20);
        expect(held).to.have.length(0);
      });

      it('fails with ABORTED when the caller gives up, and says that it may have been done', async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const answer = twin.client.call(listener.address, 'test.hold', {}, { timeoutMs: LONG_MS, signal });
        await untilHeld(1);
        controller.abort();
        const error = await failureOf(answer);
        expect([error.name, error.definite]).to.deep.equal(['ABORTED', false]);
      });

      it('fails with a definite ABORTED when the caller gave up before, or in the same turn', async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const options = { timeoutMs: LONG_MS, signal };
        const soon = failure(twin.client.call(listener.address, 'test.hold', {}, options));
        controller.abort();
        const late = failure(twin.client.call(listener.address, 'test.hold', {}, options));
        for (const ending of [soon, late]) {
          const error = await twin.until(ending);
          expect([error.name, error.definite]).to.deep.equal(['ABORTED', true]);
        }
        await twin.advance(50);
        expect(held, 'requests that arrived').to.have.length(0);
      });

      it('does not mind a signal that fires after the answer', async () => {
        const controller = new AbortController();
        const { signal } = controller;
        const answer = twin.client.call(listener.address, 'test.echo', { n: 1 }, { timeoutMs: LONG_MS, signal });
        expect(await twin.until(answer)).to.deep.equal({ n: 1 });
        controller.abort();
      });

      it('fails with CONNECTION_LOST when the listener closes while the call is under way', async () => {
        const answer = call('test.hold');
        await untilHeld(1);
        const error = failure(answer);
        await twin.until(listener.close());
        expect(await twin.until(error.then(({ name, definite }) => [name, definite]))).to.deep.equal([
          'CONNECTION_LOST',
          false,
        ]);
      });
    });

    describe('closing', () => {
      it('lets the answers leave that were given before the listener closed', async () => {
        const answers = [0, 1, 2].map((index) => call('test.hold', { index }));
        await untilHeld(3);
        for (const { params, reply } of held) reply.result({ at: params.index });
        await twin.until(listener.close());
        expect(await twin.until(Promise.all(answers))).to.deep.equal([{ at: 0 }, { at: 1 }, { at: 2 }]);
      });

      it('reaches nobody once the listener is closed, and closes once for all', async () => {
        await twin.until(call('test.echo'));
        await twin.until(Promise.all([listener.close(), listener.close()]));
        await twin.advance(20);
        const error = await failureOf(call('test.echo'));
        expect(error.name).to.equal('UNREACHABLE');
        expect(error.definite).to.equal(true);
      });

      it('ignores answers that are given after the listener closed', async () => {
        const error = failure(call('test.hold'));
        await untilHeld(1);
        await twin.until(listener.close());
        held[0]?.reply.result({});
        expect((await twin.until(error)).name).to.equal('CONNECTION_LOST');
      });

      it('reaches a listener that is started again at the same address, soon', async () => {
        await twin.until(call('test.echo'));
        await twin.until(listener.close());
        for (let tries = 0; tries < 5; tries++) await failureOf(call('test.echo'));
        listener = await twin.until(twin.server.listen({ address: listener.address, methods }));
        await twin.advance(200);
        expect(await twin.until(call('test.echo', { n: 1 }, 1_000))).to.deep.equal({ n: 1 });
      });

      it('refuses an address that is taken', async () => {
        const second = twin.server.listen({ address: listener.address, methods });
        const error = await failureOf(second);
        expect(error.name).to.equal('CONFLICTING_SERVER');
      });

      it('fails calls under way with CLOSED when the caller closes: they may have been done', async () => {
        const error = failure(call('test.hold'));
        await untilHeld(1);
        await twin.until(twin.client.close());
        expect(await twin.until(error.then(({ name, definite }) => [name, definite]))).to.deep.equal(['CLOSED', false]);
      });

      it('fails calls that have not left, and later ones, with a definite CLOSED', async () => {
        const soon = failure(call('test.hold'));
        const closed = twin.client.close();
        const late = failure(call('test.hold'));
        await twin.until(closed);
        for (const error of [soon, late]) {
          expect(await twin.until(error.then(({ name, definite }) => [name, definite]))).to.deep.equal([
            'CLOSED',
            true,
          ]);
        }
        await twin.advance(20);
        expect(held).to.have.length(0);
      });

      it('goes on listening when its own calls are closed', async () => {
        await twin.until(twin.server.close());
        expect(await twin.until(call('test.echo', { n: 1 }))).to.deep.equal({ n: 1 });
      });
    });
  });
}

/** The UnderstudyError that `promise` fails with; it is taken at once, so that it never counts as unhandled. */
async function failure(promise: Promise<unknown>): Promise<UnderstudyError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`no failure, but ${JSON.stringify(outcome.value)}`);
  if (!(outcome.error instanceof UnderstudyError)) throw outcome.error;
  return outcome.error;
}
