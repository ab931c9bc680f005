/** The bounds of what connections hold shrink with the heap. */
import { DEFAULT_LIMITS, heldLimits } from '@understudy/rpc';
import { expect } from 'chai';

const MIB = 2 ** 20;

describe('what connections may hold', () => {
  it('is what DEFAULT_LIMITS say where the heap is large', () => {
    const { maxHeldBytes, maxHeldBytesOfAddress } = DEFAULT_LIMITS;
    expect(heldLimits(2_048 * MIB, 4_096 * MIB)).to.deep.equal({ maxHeldBytes, maxHeldBytesOfAddress });
    expect(heldLimits(0, 600 * MIB)).to.deep.equal({ maxHeldBytes, maxHeldBytesOfAddress });
  });

  it('is a share of what the heap has beside other data', () => {
    expect(heldLimits(128 * MIB, 256 * MIB)).to.deep.equal({
      maxHeldBytes: 28 * MIB,
      maxHeldBytesOfAddress: 21 * MIB,
    });
    expect(heldLimits(64 * MIB, 256 * MIB).maxHeldBytes).to.equal(44 * MIB);
  });

  it('leaves room for the largest request in the smallest heap, without its reader being stopped', () => {
    for (const heap of [0, 32, 64, 128]) {
      const { maxHeldBytesOfAddress } = heldLimits((heap * MIB) / 2, heap * MIB);
      expect((maxHeldBytesOfAddress * 3) / 4).to.be.above(DEFAULT_LIMITS.maxRequestBytes + 64 * 1024);
    }
  });
});
