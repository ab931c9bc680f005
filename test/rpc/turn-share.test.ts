import type { Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
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

/** Its peer takes nothing. */
class DeafSocket extends Duplex {
  override _read(): void {}
  override _write(): void {}
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

  describe('of the text of answers', () => {
    const MIB = 2 ** 20;

    /** A listener's connections, whose requests are all answered at the same moment. */
    class Crowd {
      readonly clock = new HandClock();
      readonly held: Reply[] = [];
      readonly sockets: DeafSocket[] = [];
      readonly turnShare = new TurnShare(this.clock);
      /** Units of text that were made. */
      made = 0;
      readonly #shared = {
        clock: this.clock,
        limits: DEFAULT_LIMITS,
        turnShare: this.turnShare,
        peerMethods: new Set(),
        note: () => {},
      };
      readonly #dispatcher = new Dispatcher({
        ...this.#shared,
        methods: { hold: (_params, reply) => void this.held.push(reply) },
        onDefect: (defect) => expect.fail(String(defect)),
      });

      connect(text: string): LineConnection {
        const socket = new DeafSocket({ decodeStrings: false });
        const connection = new LineConnection({
          ...this.#shared,
          dispatcher: this.#dispatcher,
          socket: socket as unknown as Socket,
        });
        this.sockets.push(socket);
        connection.read(Buffer.from(text));
        return connection;
      }

      /** An answer that tells when it becomes text. */
      large(units: number): object {
        return {
          toJSON: () => {
            this.made += units;
            return 'x'.repeat(units);
          },
        };
      }

      turn(): number {
        const before = this.made;
        this.clock.endTurn();
        this.clock.runTimers();
        return this.made - before;
      }
    }

    const request = (id: number): string => `{"jsonrpc":"2.0","id":${id},"method":"hold"}`;
    const batch = (count: number): string => `[${Array.from({ length: count }, (_, id) => request(id)).join()}]\n`;

    for (const [what, text, each] of [
      ['of single requests', `${request(1)}\n`, 1],
      ['of batches', batch(7), 7],
      ['of many batches in a row', batch(7).repeat(5), 7],
    ] as const) {
      it(`is bounded for many connections together, ${what}`, () => {
        const crowd = new Crowd();
        for (let n = 0; n < 12; n++) crowd.connect(text);
        for (const reply of crowd.held) reply.result(crowd.large(MIB));
        expect(crowd.made, 'at once').to.be.at.most(3 * MIB);
        let quiet = 0;
        while (quiet < 5) {
          const made = crowd.turn();
          expect(made).to.be.at.most(3 * MIB);
          quiet = made === 0 ? quiet + 1 : 0;
        }
        // Nobody reads: of what each connection may have, the first answers, and all of a batch that was begun.
        expect(crowd.made).to.equal(12 * each * MIB);
      });
    }

    it('comes in order, and lets small answers pass', () => {
      const crowd = new Crowd();
      for (let n = 0; n < 8; n++) crowd.connect(`${request(n)}\n`);
      crowd.connect(`${request(8)}\n`);
      const small = crowd.held.pop();
      for (const reply of crowd.held) reply.result(crowd.large(MIB));
      small?.result({ revision: 1 });
      crowd.turn();
      expect(crowd.sockets[8]?.writableLength, 'small answer').to.be.above(0);
      const written = (): number => crowd.sockets.slice(0, 8).filter((socket) => socket.writableLength > 0).length;
      let before = 0;
      for (let turn = 0; turn < 10; turn++) {
        const done = written();
        expect(done - before).to.be.at.most(4);
        expect(crowd.sockets.slice(0, done).every((socket) => socket.writableLength > 0)).to.equal(true);
        before = done;
        crowd.turn();
      }
      expect(before).to.equal(8);
    });

    it('counts what is held for a batch that is not whole', () => {
      const crowd = new Crowd();
      const connection = crowd.connect(batch(7));
      const last = crowd.held.pop();
      for (const reply of crowd.held) reply.result(crowd.large(MIB));
      for (let turn = 0; turn < 10; turn++) crowd.turn();
      expect(connection.heldBytes).to.be.above(6 * MIB);
      last?.result({});
      for (let turn = 0; turn < 10; turn++) crowd.turn();
      expect(crowd.sockets[0]?.writableLength).to.be.above(6 * MIB);
    });
  });
});
