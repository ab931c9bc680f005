import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { Clock, Method, Reply } from '@understudy/rpc';
import { expect } from 'chai';
import { Dispatcher } from '../../packages/rpc/src/dispatcher.ts';
import { DEFAULT_LIMITS } from '../../packages/rpc/src/limits.ts';
import { LineConnection } from '../../packages/rpc/src/line-connection.ts';
import { TurnShare } from '../../packages/rpc/src/turn-share.ts';

/** Turns and time are moved by hand. */
class HandClock implements Clock {
  nowMs = 1_000;
  #ending: (() => void)[] = [];
  #timers: (() => void)[] = [];

  now(): number {
    return this.nowMs;
  }
  wallNow(): number {
    return this.nowMs;
  }
  after(_delayMs: number, callback: () => void): { cancel(): void } {
    this.#timers.push(callback);
    return { cancel: () => {} };
  }
  endOfTurn(callback: () => void): void {
    this.#ending.push(callback);
  }

  /** The timers that were set by now. */
  runTimers(): void {
    for (const timer of this.#timers.splice(0)) timer();
  }

  endTurn(): void {
    for (const callback of this.#ending.splice(0)) callback();
  }
}

describe('the share of a turn', () => {
  function shareOf(connections: number, share: TurnShare, clock: HandClock): number[] {
    return Array.from({ length: connections }, () => share.take() - clock.nowMs);
  }

  it('is the whole of it for one connection, and from the second turn on the same for each of many', () => {
    const clock = new HandClock();
    const share = new TurnShare(clock);
    expect(shareOf(1, share, clock)).to.deep.equal([16]);
    clock.endTurn();
    shareOf(32, share, clock);
    clock.endTurn();
    expect(shareOf(32, share, clock)).to.deep.equal(Array(32).fill(0.5));
  });

  it('is over once the turn has been long, whoever comes then, and whole again in the next', () => {
    const clock = new HandClock();
    const share = new TurnShare(clock);
    shareOf(4, share, clock);
    clock.nowMs += 31;
    expect(shareOf(1, share, clock)[0]).to.be.within(0, 1);
    clock.nowMs += 9;
    expect(shareOf(1, share, clock)[0]).to.be.below(0);
    clock.endTurn();
    expect(shareOf(6, share, clock)[5]).to.be.closeTo(16 / 6, 1e-9);
  });

  it('those who wait go on in the next turn, not by timers of this one, and each is first some time', () => {
    const clock = new HandClock();
    const share = new TurnShare(clock);
    const order: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      for (const name of ['a', 'b', 'c']) share.nextTurn(() => order.push(name));
      const before = order.length;
      clock.runTimers();
      expect(order).to.have.length(before);
      clock.endTurn();
      clock.runTimers();
      expect(order).to.have.length(before + 3);
    }
    const firsts = order.filter((_, at) => at % 3 === 0);
    expect(new Set(firsts)).to.deep.equal(new Set(['a', 'b', 'c']));
  });

  it('bounds what connections bring in a turn by the time that it takes, whatever stands in a line', () => {
    const clock = new HandClock();
    const turnShare = new TurnShare(clock);
    let handled = 0;
    const methods = {
      work: () => {
        handled += 1;
        clock.nowMs += 3;
      },
    };
    const shared = { clock, limits: DEFAULT_LIMITS, turnShare, peerMethods: new Set(), note: () => {} };
    const dispatcher = new Dispatcher({ ...shared, methods, onDefect: (defect) => expect.fail(String(defect)) });
    const connections = Array.from({ length: 4 }, () => {
      const socket = new PassThrough() as unknown as Socket;
      return new LineConnection({ ...shared, dispatcher, socket });
    });
    const flood = Buffer.from('{"jsonrpc":"2.0","id":1,"method":"work"}\n'.repeat(20));
    for (const connection of connections) connection.read(flood);
    const turns = [handled];
    while (handled < 80) {
      const before = handled;
      clock.endTurn();
      clock.runTimers();
      turns.push(handled - before);
    }
    for (const [turn, lines] of turns.entries()) expect(3 * lines, `turn ${turn}`).to.be.within(3, 44);
  });

  it('bounds what a batch takes of a turn, and what stands behind it waits', () => {
    const clock = new HandClock();
    const turnShare = new TurnShare(clock);
    const handled: unknown[] = [];
    const methods: Record<string, Method> = {
      work: ({ n }, reply) => {
        handled.push(n);
        clock.nowMs += 3;
        reply.result({ n });
      },
    };
    const shared = { clock, limits: DEFAULT_LIMITS, turnShare, peerMethods: new Set(), note: () => {} };
    const dispatcher = new Dispatcher({ ...shared, methods, onDefect: (defect) => expect.fail(String(defect)) });
    const socket = new PassThrough();
    const connection = new LineConnection({ ...shared, dispatcher, socket: socket as unknown as Socket });
    const work = (n: number): string => `{"jsonrpc":"2.0","id":${n},"method":"work","params":{"n":${n}}}`;
    connection.read(Buffer.from(`[${Array.from({ length: 40 }, (_, n) => work(n)).join()}]\n${work(40)}\n`));
    const turns = [handled.length];
    for (let turn = 0; turn < 40 && handled.length < 41; turn++) {
      const before = handled.length;
      clock.endTurn();
      clock.runTimers();
      turns.push(handled.length - before);
    }
    expect(handled).to.deep.equal(Array.from({ length: 41 }, (_, n) => n));
    expect(Math.max(...turns) * 3, 'ms in one turn').to.be.at.most(32);
  });

  it('begins nothing more of a batch whose answer is over its bound, and makes no text of what was under way', () => {
    const clock = new HandClock();
    const turnShare = new TurnShare(clock);
    let begun = 0;
    let texts = 0;
    const held: Reply[] = [];
    const large = {
      toJSON: () => {
        texts += 1;
        return { text: 'x'.repeat(1_000) };
      },
    };
    const methods: Record<string, Method> = {
      now: (_params, reply) => {
        begun += 1;
        reply.result(large);
      },
      later: (_params, reply) => void held.push(reply),
    };
    const limits = { ...DEFAULT_LIMITS, maxBatchAnswerBytes: 5_000 };
    const onDefect = (defect: unknown): never => expect.fail(String(defect));
    const dispatcher = new Dispatcher({ clock, limits, turnShare, methods, onDefect });
    const answers: (string | undefined)[] = [];
    const request = (method: string): object => ({ jsonrpc: '2.0', id: 1, method });
    dispatcher.answer(Array(100).fill(request('now')), (answer) => answers.push(answer), '');
    expect(begun).to.equal(5);
    dispatcher.answer(Array(100).fill(request('later')), (answer) => answers.push(answer), '');
    clock.endTurn();
    for (const reply of held) reply.result(large);
    expect(texts).to.equal(10);
    expect(answers.map((answer) => JSON.parse(answer ?? '').error.data.name)).to.deep.equal(['TOO_LARGE', 'TOO_LARGE']);
  });
});
