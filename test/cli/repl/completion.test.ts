import { expect } from 'chai';
import { complete } from '../../../packages/cli/src/repl/completion.ts';
import { COMMAND_NAMES } from '../../../packages/cli/src/repl/request.ts';

/** Finds among these, and notes what it was asked for. */
function among(keys: readonly string[], last?: string) {
  const asked: string[] = [];
  const findKeys = async (prefix: string) => {
    asked.push(prefix);
    return { keys: keys.filter((key) => key.startsWith(prefix)), ...(last !== undefined && { last }) };
  };
  return { asked, findKeys };
}

const KEYS = ['user/1', 'user/2', 'vault'];
const ODD = ['my key 1', 'my key 2', 'mystery', 'it\u001b[2J'];

const COMPLETED: readonly (readonly [string, readonly string[], readonly string[], string])[] = [
  ['ge', KEYS, ['get '], 'ge'],
  ['p', KEYS, ['put'], 'p'],
  ['put', KEYS, ['put', 'put-hash'], 'put'],
  ['help st', KEYS, ['status '], 'st'],
  ['fly', KEYS, [], 'fly'],
  ['get ', KEYS, KEYS, ''],
  ['get u', KEYS, ['user/'], 'u'],
  ['get user/', KEYS, ['user/1', 'user/2'], 'user/'],
  // Behind the last word of a command nothing follows, behind others a blank.
  ['get v', KEYS, ['vault'], 'v'],
  ['put v', KEYS, ['vault '], 'v'],
  ['put vault ', KEYS, [], ''],
  ['put vault x', KEYS, [], 'x'],
  ['status ', KEYS, [], ''],
  ['# get u', KEYS, [], '# get u'],
  ['scan --l', KEYS, [], '--l'],
  // What has to be in quotes gets them, and quotes that were typed stay.
  ['get m', ODD, ['"my'], 'm'],
  ['get "my k', ODD, ['"my key '], '"my k'],
  ['get "my key 1', ODD, ['"my key 1"'], '"my key 1'],
  ["get 'my k", ODD, ["'my key "], "'my k"],
  ['get it', ODD, ['"it\\u001b[2J"'], 'it'],
  ['get "v', KEYS, ['"vault"'], '"v'],
];

describe('completion in the REPL', () => {
  for (const [line, keys, candidates, typed] of COMPLETED) {
    it(`${JSON.stringify(line)} becomes ${JSON.stringify(candidates)}`, async () => {
      expect(await complete(line, among(keys).findKeys)).to.deep.equal([candidates, typed]);
    });
  }

  it('an empty line lists the commands', async () => {
    expect(await complete('', among([]).findKeys)).to.deep.equal([[...COMMAND_NAMES], '']);
  });

  it('asks for keys that begin as the word does, without its quotes, and only where a key stands', async () => {
    const { asked, findKeys } = among(KEYS);
    for (const line of ['get "us', "get 'us", 'delete us', 'scan us', 'put a us', 'status us', 'us']) {
      await complete(line, findKeys);
    }
    expect(asked).to.deep.equal(['us', 'us', 'us', 'us']);
  });

  it('completes no further than all keys agree, those not looked at too', async () => {
    const { findKeys } = among(['a/1', 'a/2'], 'b');
    expect(await complete('get ', findKeys)).to.deep.equal([['a/1', 'a/2', '...', 'b'], '']);
    const narrower = among(['a/1', 'a/2'], 'a/9');
    expect(await complete('get ', narrower.findKeys)).to.deep.equal([['a/'], '']);
  });

  it('cuts no character in two', async () => {
    const { findKeys } = among(['😀', '😁']);
    expect(await complete('get ', findKeys)).to.deep.equal([['😀', '😁'], '']);
  });
});
