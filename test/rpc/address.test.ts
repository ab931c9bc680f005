/** Addresses: read, written, refused. */
import { formatAddress, parseAddress, parseAddresses, UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';

describe('addresses', () => {
  const good: readonly (readonly [string, string, number])[] = [
    ['127.0.0.1:7000', '127.0.0.1', 7000],
    ['localhost:0', 'localhost', 0],
    ['db-1.example.org:65535', 'db-1.example.org', 65_535],
    ['[::1]:7000', '::1', 7000],
  ];
  for (const [text, host, port] of good) {
    it(`${text} is host ${host}, port ${port}, and is written the same`, () => {
      expect(parseAddress(text)).to.deep.equal({ host, port });
      expect(formatAddress({ host, port })).to.equal(text);
    });
  }

  const bad: readonly unknown[] = [
    '',
    '7000',
    ':7000',
    'localhost',
    'localhost:',
    'localhost:65536',
    'localhost:-1',
    'localhost:1.5',
    'localhost:x',
    'local host:1',
    'http://localhost:1',
    'localhost:1/',
    'me@localhost:1',
    '::1:7000',
    '[localhost]:7000',
    '[]:1',
    ' a:1',
    'a:1,b:2',
    7000,
    null,
    undefined,
    {},
  ];
  for (const text of bad) {
    it(`${JSON.stringify(text)} is refused, and the option named`, () => {
      expect(() => parseAddress(text, 'listen'))
        .to.throw(UnderstudyError, /^listen: /)
        .with.property('data')
        .that.deep.equals({ field: 'listen' });
    });
  }

  it('reads several, from one text or a list, without doubles', () => {
    expect(parseAddresses('a:1, b:2,a:1')).to.deep.equal(['a:1', 'b:2']);
    expect(parseAddresses(['a:1', '[::1]:2'])).to.deep.equal(['a:1', '[::1]:2']);
    for (const wrong of ['', 'a:1,', [], ['a'], undefined, 3, [3]]) {
      expect(() => parseAddresses(wrong, 'monitors'), JSON.stringify(wrong)).to.throw(UnderstudyError, /^monitors: /);
    }
  });
});
