/** Requests as text: what is copied does what the button does, whatever the key and the value are. */
import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import {
  asCurl,
  asTypeScript,
  deleteKey,
  getKey,
  listKeys,
  putKey,
} from '../../../packages/dashboard/page/model/requests.js';

const BASE = 'http://127.0.0.1:7001';

describe('requests of the page as text', () => {
  it('as curl', () => {
    expect(asCurl(putKey(BASE, 'a/b', 'hello', 3))).to.equal(
      `curl -X PUT -H 'Content-Type: text/plain' -H 'If-Match: "3"' --data-binary 'hello' 'http://127.0.0.1:7001/kv/a/b'`,
    );
    expect(asCurl(deleteKey(BASE, 'a b', 9))).to.equal(
      `curl -X DELETE -H 'If-Match: "9"' 'http://127.0.0.1:7001/kv/a%20b'`,
    );
    expect(asCurl(listKeys(BASE, { prefix: 'ü&', limit: 5 }))).to.equal(
      `curl -i 'http://127.0.0.1:7001/kv?prefix=%C3%BC%26&limit=5'`,
    );
  });

  it('as TypeScript', () => {
    expect(
      asTypeScript(putKey(BASE, 'new', "it's", 'absent')),
    ).to.equal(`const answer = await fetch('http://127.0.0.1:7001/kv/new', {
  method: 'PUT',
  headers: { 'Content-Type': 'text/plain', 'If-None-Match': '*' },
  body: 'it\\'s',
});
if (answer.status === 412) throw new Error('somebody else was faster');
if (!answer.ok) throw new Error(await answer.text());
console.log(await answer.text());
`);
    expect(asTypeScript(getKey(BASE, 'a'))).to.contain("fetch('http://127.0.0.1:7001/kv/a');");
  });

  it('a shell reads what was meant', () => {
    const value = 'it\'s "$HOME" `ls` \\ \n two lines *';
    const command = asCurl(putKey(BASE, 'k', value)).replace(/^curl /, 'printf "%s\\0" ');
    const said = execFileSync('sh', ['-c', command]).toString().split('\0');
    expect(said).to.include(value).and.include('Content-Type: text/plain');
  });

  it('a path with steps in it stays one name', () => {
    expect(getKey(BASE, 'a/../b').path).to.equal('/kv/a%2F..%2Fb');
    expect(new URL(BASE + getKey(BASE, 'a/../b').path).pathname).to.equal('/kv/a%2F..%2Fb');
  });
});
