/** A large entry in pieces, seen from the primary: what is sent next, after whatever the backup has said. */
import { expect } from 'chai';
import { LargeEntry } from '../../../packages/kvservice/src/core/large-entry.ts';

function largeEntry(): LargeEntry {
  return new LargeEntry(7, { viewnum: 2, operation: { kind: 'put', key: 'k', value: 'v'.repeat(1_000) } });
}

describe('LargeEntry', () => {
  it('is cut into pieces that are the text together', () => {
    const large = largeEntry();
    const pieces: string[] = [];
    while (!large.isSent) pieces.push(large.cut(100));
    expect(pieces.length).to.be.above(10);
    expect(pieces.join('')).to.have.length(large.units).and.to.include('v'.repeat(1_000));
    expect([large.index, large.viewnum, large.sent]).to.deep.equal([7, 2, large.units]);
  });

  it('goes on from what the backup is known to have when what was under way is lost', () => {
    const large = largeEntry();
    for (let count = 0; count < 4; count++) large.cut(100);
    large.taken(200);
    expect(large.sent).to.equal(400);
    large.sendAgain();
    expect(large.sent).to.equal(200);
  });

  it('goes on behind what the backup has when that is more than was sent', () => {
    const large = largeEntry();
    large.cut(100);
    large.taken(300);
    expect(large.sent).to.equal(300);
    large.taken(200); // an older answer
    large.sendAgain();
    expect(large.sent).to.equal(300);
  });

  it('begins again where the backup says it stands, also when what was under way is lost after that', () => {
    const large = largeEntry();
    for (let count = 0; count < 4; count++) large.cut(100);
    large.taken(400);
    large.sendFrom(0);
    large.cut(100);
    large.sendAgain();
    expect(large.sent).to.equal(0);
  });

  it('has no more than its text, whatever a backup says', () => {
    const large = largeEntry();
    large.taken(Infinity);
    expect(large.isSent).to.equal(true);
    large.sendFrom(Infinity);
    expect(large.sent).to.equal(large.units);
  });
});
