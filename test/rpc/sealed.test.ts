/** Sealed records: whatever a disk does to one of them shows when it is read back. */
import { type StoredEntry, seal, UnderstudyError, unseal } from '@understudy/rpc';
import { expect } from 'chai';
import fc from 'fast-check';

/** The failure's name and message; "none" where it reads. */
function failureOf(record: StoredEntry): string {
  try {
    unseal(record);
    return 'none';
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    return `${error.name} ${error.message}`;
  }
}

describe('sealed records', () => {
  it('read back as what they were made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (key, value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(unseal([key, seal(key, value)]))).to.equal(text);
      }),
      { numRuns: 200 },
    );
  });

  it('are damaged wherever a character of them is another, is missing, or is one too many', () => {
    const sealed = seal('cell/0/k', ['a value', 7]);
    for (let at = 0; at < sealed.length; at++) {
      const flipped = String.fromCharCode(sealed.charCodeAt(at) ^ 1);
      const [head, tail] = [sealed.slice(0, at), sealed.slice(at + 1)];
      for (const damaged of [head + flipped + tail, head + tail, `${head}x${sealed.slice(at)}`, head])
        expect(failureOf(['cell/0/k', damaged]), damaged).to.equal('STORE_DAMAGED the checksum of cell/0/k is wrong');
    }
  });

  it('are damaged under the key of another record', () => {
    const sealed = seal('cell/0/one', ['v', 1]);
    expect(failureOf(['cell/0/one', sealed])).to.equal('none');
    expect(failureOf(['cell/0/two', sealed])).to.equal('STORE_DAMAGED the checksum of cell/0/two is wrong');
    expect(failureOf(['cell/1/one', sealed])).to.equal('STORE_DAMAGED the checksum of cell/1/one is wrong');
  });

  it('are damaged where they are not JSON, though the checksum is right', () => {
    // The sum runs over key and text alike, so what the key loses the text may have.
    const sealed = seal('met', 1);
    const moved = `${sealed.slice(0, 8)}t${sealed.slice(8)}`;
    expect(failureOf(['me', moved])).to.equal('STORE_DAMAGED me is not JSON');
  });

  it('are damaged where nothing is left of them', () => {
    expect(failureOf(['meta', ''])).to.equal('STORE_DAMAGED the checksum of meta is wrong');
  });
});
