/** What comes over the wire is looked at, field by field. */
import { UnderstudyError } from '@understudy/rpc';
import { viewOf } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { pingAnswerOf, pingOf, statusOf } from '../../packages/sysmonitor/src/wire.ts';
import { runName } from '../support/run-name.ts';

const VIEW = { viewnum: 3, primary: 'a:1', backups: ['b:1', 'c:1'], syncing: ['c:1'] };

function failureOf(run: () => unknown): UnderstudyError {
  try {
    run();
  } catch (error) {
    if (error instanceof UnderstudyError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('a ping from the wire', () => {
  const GOOD = { server: 'a:1', viewnum: 3 };

  it('is taken as it is, bare or with everything', () => {
    expect(pingOf(GOOD)).to.deep.equal(GOOD);
    const whole = {
      ...GOOD,
      incarnation: runName('x'),
      seq: 7,
      cluster: 'c',
      position: { viewnum: 2, index: 9 },
      priority: -1,
      lost: ['b:1'],
      view: { ...VIEW, cluster: 'c', incarnations: { 'a:1': runName('x'), 'b:1': '', 'c:1': runName('y') } },
      leaving: true,
    };
    expect(pingOf(whole)).to.deep.equal(whole);
  });

  it('takes every kind of name that a server may have', () => {
    for (const server of [
      'a:1',
      '127.0.0.1:7001',
      '[::1]:65535',
      '[2001:db8::7]:80',
      'node_1.rack-2.example:7001',
      `${'a'.repeat(251)}:1`,
    ]) {
      expect(pingOf({ ...GOOD, server }).server).to.equal(server);
    }
  });

  it('leaves out what it does not know', () => {
    expect(pingOf({ ...GOOD, colour: 'red' })).to.deep.equal(GOOD);
  });

  it('takes addresses with odd names for what they are', () => {
    const incarnations = JSON.parse(`{"__proto__:1":"${runName('x')}"}`);
    const { view } = pingOf({
      ...GOOD,
      view: { viewnum: 1, primary: '__proto__:1', backups: [], syncing: [], incarnations },
    });
    expect(Object.entries(view?.incarnations ?? {})).to.deep.equal([['__proto__:1', runName('x')]]);
  });

  for (const [field, change] of [
    ['server', { server: undefined }],
    ['server', { server: '' }],
    ['server', { server: 7 }],
    ['server', { server: null }],
    ['server', { server: '\ud800' }],
    ['server', { server: 'a' }],
    ['server', { server: 'http://evil.example' }],
    ['server', { server: 'http://evil.example:80' }],
    ['server', { server: 'a:0' }],
    ['server', { server: 'a:65536' }],
    ['server', { server: 'a:1\n' }],
    ['server', { server: '\u001b[31ma:1' }],
    ['server', { server: 'a:1;script-src *' }],
    ['server', { server: '::1:7000' }],
    ['server', { server: '[::g]:7000' }],
    ['server', { server: '-a:1' }],
    ['server', { server: `${'a'.repeat(252)}:1` }],
    ['lost', { lost: ['b'] }],
    ['lost', { lost: Array.from({ length: 102 }, (_, place) => `b:${place + 1}`) }],
    ['view.backups', { view: { ...VIEW, backups: ['b'] } }],
    ['viewnum', { viewnum: undefined }],
    ['viewnum', { viewnum: -1 }],
    ['viewnum', { viewnum: 1.5 }],
    ['viewnum', { viewnum: 2 ** 53 }],
    ['viewnum', { viewnum: 2 ** 52 + 1 }],
    ['viewnum', { viewnum: '3' }],
    ['viewnum', { viewnum: null }],
    ['viewnum', { viewnum: Number.NaN }],
    ['viewnum', { viewnum: [3] }],
    ['incarnation', { incarnation: 3 }],
    ['incarnation', { incarnation: null }],
    ['incarnation', { incarnation: 'zzz' }],
    ['incarnation', { incarnation: '0192f7a0-0000-4000-8000-000000000000' }],
    ['incarnation', { incarnation: '0192F7A0-0000-7000-8000-000000000000' }],
    ['incarnation', { incarnation: ' 0192f7a0-0000-7000-8000-000000000000' }],
    ['incarnation', { incarnation: '0192f7a0-0000-7000-8000-000000000000\n' }],
    ['seq', { seq: -1 }],
    ['seq', { seq: '1' }],
    ['cluster', { cluster: '' }],
    ['position', { position: 3 }],
    ['position', { position: null }],
    ['position.viewnum', { position: { index: 1 } }],
    ['position.index', { position: { viewnum: 1, index: -1 } }],
    ['priority', { priority: 0.5 }],
    ['lost', { lost: 'b:1' }],
    ['lost', { lost: [1] }],
    ['leaving', { leaving: 'yes' }],
    ['view', { view: 3 }],
    ['view', { view: [] }],
    ['view.viewnum', { view: { ...VIEW, viewnum: -1 } }],
    ['view.primary', { view: { ...VIEW, primary: undefined } }],
    ['view.primary', { view: { ...VIEW, primary: '' } }],
    ['view.primary', { view: { ...VIEW, viewnum: 0 } }],
    ['view.backups', { view: { ...VIEW, backups: ['b:1', 'b:1'] } }],
    ['view.backups', { view: { ...VIEW, backups: ['a:1'], syncing: [] } }],
    ['view.backups', { view: { ...VIEW, backups: [''] } }],
    ['view.syncing', { view: { ...VIEW, syncing: ['a:1'] } }],
    ['view.syncing', { view: { ...VIEW, syncing: undefined } }],
    ['view.incarnations', { view: { ...VIEW, incarnations: [] } }],
    ['view.incarnations.a:1', { view: { ...VIEW, incarnations: { 'a:1': 1 } } }],
    ['view.incarnations.a:1', { view: { ...VIEW, incarnations: { 'a:1': 'zzz' } } }],
  ] as const) {
    it(`is refused, naming ${field}, with ${JSON.stringify(change, (_, value) => value ?? String(value))}`, () => {
      const failure = failureOf(() => pingOf({ ...GOOD, ...change }));
      expect(failure).to.include({ name: 'INVALID_PARAMS', definite: true });
      expect(failure.data.field).to.equal(field);
      expect(failure.message).to.include(field);
    });
  }

  it('is too large with an endless name', () => {
    const failure = failureOf(() => pingOf({ server: 'x'.repeat(2_000), viewnum: 0 }));
    expect(failure.name).to.equal('TOO_LARGE');
  });
});

describe('an answer from the wire', () => {
  it('is a view', () => {
    expect(viewOf(VIEW)).to.deep.equal(VIEW);
    expect(pingAnswerOf({ view: VIEW, more: 1 })).to.deep.equal({ view: VIEW });
  });

  it('or nothing that is used', () => {
    for (const nonsense of [undefined, null, 3, 'view', [], {}, { view: null }, { view: { viewnum: 1 } }]) {
      expect(failureOf(() => pingAnswerOf(nonsense)).name, String(JSON.stringify(nonsense))).to.equal('INVALID_PARAMS');
    }
    for (const nonsense of [
      null,
      {},
      { view: VIEW },
      { view: VIEW, phase: 'serving', acknowledged: true, waiting: {} },
    ]) {
      expect(failureOf(() => statusOf(nonsense)).name, JSON.stringify(nonsense)).to.equal('INVALID_PARAMS');
    }
  });
});
