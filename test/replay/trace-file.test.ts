/** Trace files as they are found: whole, cut off, changed meanwhile, and no traces at all. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { brief } from '../../packages/cli/src/replay/brief.ts';
import { Blocks } from '../../packages/cli/src/replay/line-blocks.ts';
import { Trace } from '../../packages/cli/src/replay/trace.ts';
import { Folder, STALE_READ } from './support/runs.ts';

const TEXT = readFileSync(STALE_READ, 'utf8');
const LINES = TEXT.trimEnd().split('\n');
const START = LINES[0] ?? '';
const PROCESS = '{"at":5,"kind":"process","name":"m","state":"started"}';
const SENT = '{"at":5,"kind":"sent","message":"request","call":1,"from":"a","to":"m","method":"x"}';

const WRONG: readonly (readonly [what: string, text: string, complaint: RegExp])[] = [
  ['an empty file', '', /the file is empty$/],
  ['another file', 'hello\nworld\n', /line 1: not JSON$/],
  ['a list', '[1]\n', /line 1: not an object$/],
  [
    'one of an older version',
    `${START.replace('"format":1', '"format":0')}\n`,
    /line 1: format: expected 1, .*, not 0$/,
  ],
  ['one without a format', `${START.replace('"format":1,', '')}\n`, /line 1: format: expected 1, .*, not nothing$/],
  ['one that does not begin at the beginning', `${PROCESS}\n`, /line 1: kind: a trace begins with "start"/],
  ['two in one file', `${START}\n${START}\n`, /line 2: kind: a trace begins with "start", and has it once$/],
  ['an unknown kind', `${START}\n{"at":1,"kind":"magic"}\n`, /line 2: kind: "magic" is none of start, sent, /],
  ['a field that is missing', `${START}\n${SENT}\n`, /line 2: text: expected a text, not nothing$/],
  ['a field that is none', `${START}\n${PROCESS.replace('"m"', '7')}\n`, /line 2: name: expected a text, not 7$/],
  [
    'a word that is none',
    `${START}\n${PROCESS.replace('started', 'st')}\n`,
    /line 2: state: expected "started" or .*, not "st"$/,
  ],
  ['a time that is none', `${START}\n${PROCESS.replace('5', '"5"')}\n`, /line 2: at: expected a number, not "5"$/],
  [
    'time that goes back',
    `${START}\n${PROCESS}\n${PROCESS.replace('5', '4')}\n`,
    /line 3: at: 4 is before the line above it$/,
  ],
  ['a line in the middle that breaks off', `${START}\n{"at":\n${PROCESS}\n`, /line 2: not JSON$/],
  [
    'something behind the end',
    `${TEXT}${PROCESS.replace('5', '1e9')}\n`,
    /line \d+: kind: nothing follows the end of a run$/,
  ],
];

describe('a trace file', () => {
  const folder = new Folder();
  after(() => folder[Symbol.dispose]());

  const opened = async (name: string, text: string) => Trace.open(folder.file(name, text));

  for (const [what, text, complaint] of WRONG) {
    it(`is refused, by line and field: ${what}`, async () => {
      const error = await opened('wrong.jsonl', text).catch((wrong: unknown) => wrong);
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message)
        .to.match(complaint)
        .and.to.include('wrong.jsonl: ');
    });
  }

  it('is refused where there is none, or it is no regular file', async () => {
    const pipe = `${folder.path}/pipe`;
    execFileSync('mkfifo', [pipe]);
    for (const [path, words] of [
      [`${folder.path}/none`, 'there is no such file'],
      [folder.path, 'it is a directory, and a trace must be a regular file'],
      ['/dev/null', 'it is a device, and a trace must be a regular file'],
      [pipe, 'it is a pipe, and a trace must be a regular file'],
    ] as const) {
      const error = await Trace.open(path).catch((wrong: unknown) => wrong);
      expect((error as Error).message)
        .to.include(path)
        .and.to.include(words);
    }
  });

  it('is shipped block by block, messages without their text', async () => {
    const trace = await Trace.open(STALE_READ);
    expect(trace.index).to.include({ events: LINES.length, missing: '', violations: 1 });
    const shipped = (await trace.block(0)).split('\n').map((line) => JSON.parse(line));
    expect(shipped).to.have.lengthOf(LINES.length);
    for (const [place, line] of LINES.entries()) {
      const { text, ...event } = JSON.parse(line);
      if (text === undefined) expect(shipped[place]).to.deep.equal(event);
      else expect(shipped[place]).to.deep.include({ ...event, size: text.length });
    }
    expect(await trace.event(17)).to.equal(LINES[17]);
    await trace.close();
  });

  it('has each of its events, whichever block it is in', async () => {
    const long = [START, ...Array.from({ length: 9_000 }, (_, at) => PROCESS.replace('"m"', `"m${at}"`)), ''].join(
      '\n',
    );
    const trace = await opened('long.jsonl', long);
    expect(trace.index.blocks.map(({ lines }) => lines)).to.deep.equal([4_096, 4_096, 809]);
    for (const place of [0, 1, 4_095, 4_096, 8_191, 8_192, 9_000]) {
      expect(await trace.event(place)).to.equal(long.split('\n')[place]);
    }
    for (const place of [9_001, Number.POSITIVE_INFINITY]) {
      const error = await trace.event(place).catch((wrong: unknown) => wrong);
      expect((error as Error).message).to.equal('event must be a whole number below 9001');
    }
    expect(((await trace.block(2)).match(/\n/g) ?? []).length).to.equal(808);
    await trace.close();
  });

  it('that breaks off is played as far as it goes, and that is said', async () => {
    const middle = await opened('middle.jsonl', TEXT.slice(0, TEXT.indexOf('"call":40')));
    expect(middle.index.missing).to.match(/^The file breaks off in the middle of line \d+: /);
    expect(middle.index.events).to.be.within(50, LINES.length - 1);
    const between = await opened('between.jsonl', `${LINES.slice(0, 60).join('\n')}\n`);
    expect(between.index).to.include({
      events: 60,
      missing: 'The file has no end: the run was cut off, or still goes on.',
    });
    const whole = await opened('whole.jsonl', TEXT.trimEnd());
    expect(whole.index).to.include({ events: LINES.length, missing: '' });
    for (const trace of [middle, between, whole]) await trace.close();
  });

  it('with lines as long as they come is read a piece at a time', async () => {
    const text = 'x'.repeat(3 * 1024 * 1024);
    const long = [START, SENT.replace('"method"', `"text":"${text}","method"`), PROCESS, ''].join('\n');
    const trace = await opened('wide.jsonl', long);
    expect(trace.index.events).to.equal(3);
    expect(trace.index.blocks).to.have.lengthOf(2);
    expect((await trace.block(0)).length + (await trace.block(1)).length).to.be.below(2_000);
    await trace.close();
  });

  it('with a line that is no line is not read to its end', async () => {
    const error = await opened('flood.jsonl', `${START}\n${'x'.repeat(18 * 1024 * 1024)}`).catch((it: unknown) => it);
    expect((error as Error).message).to.match(/line 2: longer than 16777216 bytes$/);
  });

  it('that changes while it is played is not mixed up with what it was', async () => {
    const trace = await opened('changing.jsonl', TEXT);
    appendFileSync(`${folder.path}/changing.jsonl`, 'more');
    const error = await trace.block(0).catch((wrong: unknown) => wrong);
    expect((error as Error).message).to.match(/has changed since it was opened/);
    await trace.close();
  });
});

describe('blocks of lines', () => {
  it('end with enough lines, or with enough bytes', () => {
    const blocks = new Blocks({ lines: 2, bytes: 10 });
    for (const end of [3, 6, 9, 20, 21]) blocks.add({ end });
    expect(blocks.all()).to.deep.equal([
      { offset: 0, length: 6, lines: 2 },
      { offset: 6, length: 14, lines: 2 },
      { offset: 20, length: 1, lines: 1 },
    ]);
  });
});

describe('a message in few words', () => {
  const BRIEFS: readonly (readonly [string, 'request' | 'reply', object | string, string])[] = [
    ['kv.put', 'request', { key: 'k', value: 'v' }, 'k: "v"'],
    ['kv.get', 'request', { key: 'k' }, 'k'],
    ['kv.scan', 'request', { prefix: 'k', limit: 10 }, 'k*'],
    ['kv.prepare', 'request', { entries: [], commit: 7, viewnum: 2 }, 'commit 7'],
    [
      'kv.prepare',
      'request',
      { entries: [{ operations: [1, 2] }, { operations: [3] }], commit: 7 },
      '3 entries, commit 7',
    ],
    ['kv.batch', 'request', { operations: [1, 2] }, '2 operations'],
    ['kv.batch', 'reply', { result: { results: [1, 2] } }, '2 results'],
    ['sysmonitor.ping', 'request', { viewnum: 3 }, 'view 3'],
    ['sysmonitor.view', 'request', {}, ''],
    ['sysmonitor.ping', 'reply', { result: { view: { viewnum: 4 } } }, 'view 4'],
    ['kv.prepare', 'reply', { result: { kind: 'accepted', verified: 9 } }, 'accepted, up to 9'],
    ['kv.get', 'reply', { result: { value: null, revision: 3 } }, 'null'],
    ['kv.put', 'reply', { result: { revision: 3 } }, 'revision 3'],
    ['kv.put', 'reply', { error: { message: 'no', data: { name: 'NOT_PRIMARY' } } }, 'NOT_PRIMARY'],
    ['kv.put', 'request', { key: 'k'.repeat(99) }, `${'k'.repeat(37)}...`],
    ['kv.put', 'request', 'no JSON', ''],
  ];

  for (const [method, message, text, words] of BRIEFS) {
    it(`${method} ${message}: ${words || 'nothing'}`, () => {
      expect(brief(method, message, typeof text === 'string' ? text : JSON.stringify(text))).to.equal(words);
    });
  }
});
