/** An entry in pieces, at the backup: a text is never made of the pieces of two entries (R2). */
import { expect } from 'chai';
import { Assembly } from '../../../packages/kvservice/src/core/assembly.ts';
import { textOfEntry } from '../../../packages/kvservice/src/core/entry-text.ts';
import type { Entry } from '../../../packages/kvservice/src/core/operation.ts';

const ENTRY: Entry = { viewnum: 2, operation: { kind: 'put', key: 'k', value: 'v'.repeat(100) } };
const TEXT = textOfEntry(ENTRY);
const OF_A = { incarnation: 'run of A', entry: { viewnum: 2, index: 7 } };

describe('Assembly', () => {
  let assembly: Assembly;
  beforeEach(() => {
    assembly = new Assembly(OF_A, 1_000);
  });

  it('is of one entry of one run: another index, view or run is another entry (R1, R2)', () => {
    expect(assembly.isOf(OF_A)).to.equal(true);
    expect(assembly.isOf({ ...OF_A, entry: { viewnum: 2, index: 8 } })).to.equal(false);
    expect(assembly.isOf({ ...OF_A, entry: { viewnum: 3, index: 7 } })).to.equal(false);
    expect(assembly.isOf({ ...OF_A, incarnation: 'another run of A' })).to.equal(false);
  });

  it('takes pieces in order, and each once', () => {
    assembly.take({ from: 10, text: TEXT.slice(10, 20) });
    expect(assembly.units, 'a gap before it').to.equal(0);
    assembly.take({ from: 0, text: TEXT.slice(0, 10) });
    assembly.take({ from: 0, text: TEXT.slice(0, 10) });
    assembly.take({ from: 5, text: TEXT.slice(5, 15) });
    expect(assembly.units, 'copies of what is here').to.equal(10);
    assembly.take({ from: 10, text: TEXT.slice(10) });
    expect(assembly.complete()).to.deep.equal(ENTRY);
  });

  it('takes no more than the longest entry needs', () => {
    const small = new Assembly(OF_A, 1);
    small.take({ from: 0, text: 'x'.repeat(100_015) });
    expect(small.units).to.equal(0);
  });

  it('is no entry where the text says another view, or is not whole', () => {
    assembly.take({ from: 0, text: textOfEntry({ ...ENTRY, viewnum: 3 }) });
    expect(assembly.complete()).to.equal(undefined);
    const half = new Assembly(OF_A, 1_000);
    half.take({ from: 0, text: TEXT.slice(0, 20) });
    expect(half.complete()).to.equal(undefined);
  });
});
