import { expect } from 'chai';
import { COMMAND_NAMES, type Request, requestOf } from '../../../packages/cli/src/repl/request.ts';
import { nearest } from '../../../packages/rpc/src/index.ts';

/** The operation by its name. */
function shape(request: Request): object {
  return request.kind === 'operation' ? { ...request.given, operation: request.operation.name } : request;
}

const ASKED: readonly (readonly [string, object])[] = [
  ['', { kind: 'nothing' }],
  ['  # put a "1', { kind: 'nothing' }],
  ['get a', { operation: 'get', words: ['a'] }],
  ['put a "1 2"', { operation: 'put', words: ['a', '1 2'] }],
  ['put a -1', { operation: 'put', words: ['a', '-1'] }],
  ['put a #1', { operation: 'put', words: ['a', '#1'] }],
  ['put a "--x"', { operation: 'put', words: ['a', '--x'] }],
  ['put -- a --x', { operation: 'put', words: ['a', '--x'] }],
  ['put a "--"', { operation: 'put', words: ['a', '--'] }],
  ['put -- a --', { operation: 'put', words: ['a', '--'] }],
  ['scan', { operation: 'scan', words: [] }],
  ['scan a/ --limit 3', { operation: 'scan', words: ['a/'], limit: 3 }],
  ['scan --limit=3 a/', { operation: 'scan', words: ['a/'], limit: 3 }],
  ['cas lock - "a b" --absent -', { operation: 'cas', words: ['lock', '-', 'a b'], absent: '-' }],
  ['cas lock "" x --absent ""', { operation: 'cas', words: ['lock', '', 'x'], absent: '' }],
  ['status', { kind: 'status' }],
  ['help', { kind: 'help' }],
  ['help cas', { kind: 'help', topic: 'cas' }],
  ['exit', { kind: 'exit' }],
  ['quit', { kind: 'exit' }],
];

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['gte a', /^there is no command "gte"; did you mean get\?$/],
  ['frobnicate', /^there is no command "frobnicate"; `help` lists the commands$/],
  ['GET a', /^there is no command "GET"; `help`/],
  ['"" a', /^there is no command ""; `help`/],
  ['constructor', /^there is no command "constructor"/],
  ['get', /^get: KEY is missing; usage: get KEY$/],
  ['put a', /^put: VALUE is missing; usage: put KEY VALUE$/],
  ['put a good morning', /^put: too many words; a value with blanks goes in quotes; usage: put KEY VALUE$/],
  ['cas a b', /^cas: NEW is missing; usage: cas KEY OLD NEW \[--absent WORD\]$/],
  ['put a --x', /^put: there is no option --x; where it is meant as a value, write "--x"$/],
  ['scan --limit', /^scan: --limit lacks its N$/],
  ['scan --limit soon', /^scan: --limit "soon" is invalid\. Expected a whole number of 1 or more/],
  ['scan a b', /^scan: too many words/],
  ['status now', /^status: too many words; usage: status$/],
  ['exit now', /^exit: too many words/],
  ['help fly', /^there is no command "fly"/],
  ['help get put', /^help: too many words/],
  ['put a "1', /^the quote is never closed/],
];

describe('what a line of the REPL asks for', () => {
  for (const [line, asked] of ASKED) {
    it(`${JSON.stringify(line)}: ${JSON.stringify(asked)}`, () => {
      expect(shape(requestOf(line))).to.deep.equal(asked);
    });
  }

  for (const [line, complaint] of WRONG) {
    it(`${JSON.stringify(line)} is refused: ${complaint.source}`, () => {
      expect(() => requestOf(line)).to.throw(complaint);
    });
  }

  it('a mistyped name is known by one or two slips, a different word is not', () => {
    for (const typed of ['statsu', 'sttus', 'statuss', 'ststus'])
      expect(nearest(typed, COMMAND_NAMES)).to.equal('status');
    expect(nearest('gt', COMMAND_NAMES)).to.equal('get');
    for (const typed of ['', 'x', 'list', 'flush', 'a'.repeat(100_000)]) {
      expect(nearest(typed, COMMAND_NAMES)).to.equal(undefined);
    }
  });
});
