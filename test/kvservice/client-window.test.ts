import { expect } from 'chai';
import fc from 'fast-check';
import { SessionWindow, WINDOW } from '../../packages/kvservice/src/client/session-window.ts';

describe('client: the window of a session (S2)', () => {
  it('counts from 1, and acknowledges what is settled up to the first that is not', () => {
    const window = new SessionWindow('s');
    expect([window.take(), window.take(), window.take()]).to.deep.equal([1, 2, 3]);
    window.settle(2);
    expect(window.acked).to.equal(0);
    window.settle(1);
    expect(window.acked).to.equal(2);
    window.settle(3);
    expect(window.acked).to.equal(3);
  });

  it('holds 16,384 seqs beyond the acknowledged one, and no more', () => {
    const window = new SessionWindow('s');
    for (let seq = 1; seq <= 16_384; seq++) window.take();
    expect(window.hasRoom).to.equal(false);
    expect(() => window.take()).to.throw('S2');
    window.settle(2);
    expect(window.hasRoom).to.equal(false);
    window.settle(1);
    expect(window.hasRoom).to.equal(true);
    expect(window.take()).to.equal(WINDOW + 1);
  });

  it('refuses to settle twice, or what was never taken', () => {
    const window = new SessionWindow('s');
    window.take();
    window.take();
    window.settle(2);
    for (const seq of [0, 2, 3]) expect(() => window.settle(seq), String(seq)).to.throw('S2');
    window.settle(1);
    for (const seq of [1, 2]) expect(() => window.settle(seq), String(seq)).to.throw('S2');
  });

  it('acknowledges exactly the settled beginning, whatever the order', () => {
    const steps = fc.array(fc.nat({ max: 9 }), { maxLength: 300 });
    fc.assert(
      fc.property(steps, (choices) => {
        const window = new SessionWindow('s');
        const open: number[] = [];
        const settled = new Set<number>();
        for (const choice of choices) {
          if (choice < 5) open.push(window.take());
          else {
            const [seq] = open.splice(choice % Math.max(1, open.length), 1);
            if (seq === undefined) continue;
            window.settle(seq);
            settled.add(seq);
          }
          let expected = 0;
          while (settled.has(expected + 1)) expected++;
          expect(window.acked).to.equal(expected);
        }
      }),
    );
  });

  it('goes round its ring many times', () => {
    const window = new SessionWindow('s');
    const open: number[] = [];
    for (let round = 0; round < 3 * WINDOW; round++) {
      open.push(window.take());
      if (open.length > 100) window.settle(open.splice((round * 37) % 100, 1)[0] as number);
    }
    while (open.length > 0) window.settle(open.pop() as number);
    expect(window.acked).to.equal(3 * WINDOW);
  });
});
