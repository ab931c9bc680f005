/** A value that grows by appends takes about what is counted for it (M1). */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { DEFAULT_LIMITS } from '../../../packages/kvservice/src/core/config.ts';
import { needsFlattening } from '../../../packages/kvservice/src/core/flat-text.ts';
import { StateMachine } from '../../../packages/kvservice/src/core/state-machine.ts';

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('texts that grow', () => {
  it('by single characters take no more memory than is counted', () => {
    const machine = new StateMachine(DEFAULT_LIMITS);
    const before = heapBytes();
    const appends = 400_000;
    for (let index = 1; index <= appends; index += 1) {
      const operation = { kind: 'append', key: `k${index % 8}`, value: 'x' } as const;
      machine.apply(index, { viewnum: 1, operation }, 'c');
    }
    expect(heapBytes() - before).to.be.below(2 * machine.bytes);
    expect(machine.get('k1', appends).value).to.equal('x'.repeat(appends / 8));
  });

  it('are flattened often while short, and a bounded number of times while they double', () => {
    const times = (from: number, to: number): number => {
      let count = 0;
      for (let length = from; length < to; length += 1) if (needsFlattening(length, length + 1)) count += 1;
      return count;
    };
    expect(times(0, 160)).to.equal(10);
    expect(times(2 ** 15, 2 ** 16)).to.be.within(60, 70);
    expect(times(2 ** 19, 2 ** 20)).to.be.within(60, 70);
  });
});
