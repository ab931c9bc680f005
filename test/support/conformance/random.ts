/** What every Random does. */
import type { Random } from '@understudy/rpc';
import { expect } from 'chai';

export interface RandomUnderTest {
  readonly random: Random;
}

export function randomConformance(name: string, setup: () => RandomUnderTest): void {
  describe(`Random: ${name}`, () => {
    it('draws numbers evenly from [0, 1)', () => {
      const { random } = setup();
      const tenths = new Array<number>(10).fill(0);
      for (let draw = 0; draw < 20_000; draw++) {
        const number = random.number();
        expect(number >= 0 && number < 1, `${number} lies in [0, 1)`).to.equal(true);
        const tenth = Math.floor(number * 10);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      for (const count of tenths) expect(count).to.be.within(1_700, 2_300);
    });

    it('draws numbers finer than 32 bits', () => {
      const { random } = setup();
      const fine = Array.from({ length: 100 }, () => random.number()).filter((number) => (number * 2 ** 32) % 1 !== 0);
      expect(fine.length).to.be.greaterThan(90);
    });

    it('gives as many bytes as asked for, all values alike', () => {
      const { random } = setup();
      expect(random.bytes(0)).to.have.length(0);
      expect(random.bytes(7)).to.be.instanceOf(Uint8Array).and.to.have.length(7);
      const counts = new Array<number>(256).fill(0);
      for (const byte of random.bytes(256 * 200)) counts[byte] = (counts[byte] ?? 0) + 1;
      for (const count of counts) expect(count).to.be.within(100, 300);
    });

    it('gives bytes that the caller may keep and change', () => {
      const { random } = setup();
      const first = random.bytes(16);
      const copy = Uint8Array.from(first);
      random.bytes(16).fill(0);
      for (let draw = 0; draw < 5_000; draw++) random.number();
      expect(first).to.deep.equal(copy);
    });
  });
}
