/** How much text may be on its way to one backup: it grows while answers are prompt, and halves when they are late. */
import { expect } from 'chai';
import { Pace } from '../../../packages/kvservice/src/core/pace.ts';

const FIRST = 32_000;

describe('Pace', () => {
  it('lets two messages fill the line', () => {
    const pace = new Pace(1_000_000);
    expect([pace.allowed, pace.messageUnits]).to.deep.equal([FIRST, FIRST / 2]);
  });

  it('grows by what was answered when the window was half full, and not below that', () => {
    const pace = new Pace(1_000_000);
    pace.prompt(1_000, FIRST / 2 - 1);
    expect(pace.allowed).to.equal(FIRST);
    pace.prompt(1_000, FIRST / 2);
    expect(pace.allowed).to.equal(FIRST + 1_000);
  });

  it('grows to its bound', () => {
    const pace = new Pace(40_000);
    pace.prompt(1_000_000, FIRST);
    expect(pace.allowed).to.equal(40_000);
  });

  it('halves once for all that was sent before it halved', () => {
    const pace = new Pace(1_000_000);
    pace.late(5, 9);
    expect(pace.allowed, 'message 5 is late').to.equal(FIRST / 2);
    pace.late(8, 12);
    expect(pace.allowed, 'message 8 was sent before').to.equal(FIRST / 2);
    pace.late(9, 12);
    expect(pace.allowed, 'message 9 was sent afterwards').to.equal(FIRST / 4);
    pace.late(11, 13);
    expect(pace.allowed, 'message 11 was sent before the second time').to.equal(FIRST / 4);
  });

  it('never gets so small that nothing can be sent', () => {
    const pace = new Pace(1_000_000);
    for (let number = 0; number < 10; number++) pace.late(number, number + 1);
    expect(pace.allowed).to.equal(4_000);
    const small = new Pace(1);
    small.late(0, 1);
    small.prompt(1_000_000, FIRST);
    expect(small.allowed).to.equal(4_000);
  });
});
