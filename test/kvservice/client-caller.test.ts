import { AbortWatch, type CallOptions, type Transport } from '@understudy/rpc';
import { expect } from 'chai';
import { Caller } from '../../packages/kvservice/src/client/caller.ts';

/** A transport that answers at once, and notes what it was given. */
class Noting implements Transport {
  readonly options: CallOptions[] = [];
  closed = 0;

  async call(_to: string, _method: string, _params: object, options: CallOptions): Promise<unknown> {
    this.options.push(options);
    return {};
  }

  listen(): never {
    throw new Error('a client does not listen');
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

describe('client: how tries leave', () => {
  it('through a transport of its own: nothing is noted of a call, and closing closes it', async () => {
    const transport = new Noting();
    const caller = new Caller({ transport, aborts: new AbortWatch(), isOwn: true });
    await caller.call('a:1', 'kv.get', {}, { timeoutMs: 5, signal: undefined });
    const none = { signal: undefined, slow: undefined, lane: undefined, once: undefined };
    expect(transport.options).to.deep.equal([{ timeoutMs: 5, ...none }]);
    await caller.close();
    expect(transport.closed).to.equal(1);
  });

  it("through somebody else's: that stays open, and one signal ends all calls under way", async () => {
    const transport = new Noting();
    const caller = new Caller({ transport, aborts: new AbortWatch(), isOwn: false });
    for (const method of ['kv.get', 'kv.put'])
      await caller.call('a:1', method, {}, { timeoutMs: 5, signal: undefined });
    const [first, second] = transport.options.map(({ signal }) => signal);
    expect([first === second, first?.aborted]).to.deep.equal([true, false]);
    await caller.close();
    expect(first?.aborted).to.equal(true);
    expect(transport.closed).to.equal(0);
  });

  it('a call with a signal of its own is ended by that, and forgotten when it is over', async () => {
    const transport = new Noting();
    const caller = new Caller({ transport, aborts: new AbortWatch(), isOwn: false });
    const { signal } = new AbortController();
    await caller.call('a:1', 'kv.get', {}, { timeoutMs: 5, signal });
    await caller.close();
    expect(transport.options.map((options) => options.signal?.aborted)).to.deep.equal([false]);
  });
});
