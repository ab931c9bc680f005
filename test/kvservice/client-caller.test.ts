import type { CallOptions, Transport } from '@understudy/rpc';
import { expect } from 'chai';
import { AbortWatch } from '../../packages/kvservice/src/client/abort-watch.ts';
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
    expect(transport.options).to.deep.equal([{ timeoutMs: 5 }]);
    await caller.close();
    expect(transport.closed).to.equal(1);
  });

  it("through somebody else's: that stays open, and calls that are over are forgotten", async () => {
    const transport = new Noting();
    const caller = new Caller({ transport, aborts: new AbortWatch(), isOwn: false });
    await caller.call('a:1', 'kv.get', {}, { timeoutMs: 5, signal: undefined });
    await caller.close();
    expect(transport.options.map(({ signal }) => signal?.aborted)).to.deep.equal([false]);
    expect(transport.closed).to.equal(0);
  });
});
