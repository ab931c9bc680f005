import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { eventually } from '../command.ts';
import { PERHAPS_NO_ANSWER, withoutFailovers } from './failovers.ts';
import { FakeTerminal, KEY } from './fake-terminal.ts';

const TIME = String.raw`\(\d+(\.\d)? m?s\)`;

describe('the REPL at a terminal', function () {
  this.timeout(60_000);

  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ servers: 3 });
    const kv = cluster.client();
    for (const key of ['fruit/apple', 'fruit/pear', 'odd key']) await kv.put(key, `a ${key}`);
  });

  after(() => cluster.close());

  const sit = () => new FakeTerminal({ monitor: cluster.monitors });

  /** Enters lines, and holds what shows against what is expected. */
  async function expectDialogue(terminal: FakeTerminal, dialogue: Readonly<Record<string, string>>): Promise<void> {
    for (const [line, shown] of Object.entries(dialogue)) {
      const answer = withoutFailovers((await terminal.enter(line)).split('\n')).join('\n');
      expect(answer, line).to.match(new RegExp(`^${shown}$`));
    }
  }

  it('greets with the view, asks, answers with the time it took, and leaves', async () => {
    await using terminal = sit();
    await terminal.prompts();
    const { viewnum, primary } = cluster.view;
    expect(terminal.shown).to.match(
      new RegExp(`^view ${viewnum}: primary ${primary}, backup [^\n]+\n\`help\` lists [^\n]+\n>> $`),
    );
    await expectDialogue(terminal, {
      'put a 123': `revision \\d+  ${TIME}`,
      'get a': `"123"  ${TIME}`,
      'get b': `b: not found  ${TIME}`,
      'append a "4 5"': `revision \\d+  ${TIME}`,
      'put-hash a x': `"1234 5"  ${TIME}`,
      'cas a 1 2': `false  ${TIME}`,
      'cas lock - me --absent -': `true  ${TIME}`,
      'delete lock': `true  ${TIME}`,
      'delete a': `true  ${TIME}`,
      'scan fruit/': `fruit/apple  "a fruit/apple"  revision \\d+\nfruit/pear  "a fruit/pear"  revision \\d+\n2 keys  ${TIME}`,
      'scan odd': `"odd key"  "a odd key"  revision \\d+\n1 key  ${TIME}`,
      'scan nothing': `no keys  ${TIME}`,
      '# comment': '',
      '': '',
      'help delete': 'delete KEY\n  Remove KEY.',
    });
    expect(await terminal.enter('status')).to.match(
      new RegExp(`^view \\d+: [^]*\n${primary} +primary +ok [^]*\n${TIME}$`),
    );
    terminal.press(`exit${KEY.enter}`);
    await terminal.ended;
  });

  it('says what is wrong, and goes on', async () => {
    await using terminal = sit();
    await terminal.prompts();
    await expectDialogue(terminal, {
      'gte a': 'there is no command "gte"; did you mean get\\?',
      'put a': 'put: VALUE is missing; usage: put KEY VALUE',
      'put a "x': 'the quote is never closed: "x',
      'get ""': `key must not be empty \\(INVALID_PARAMS\\).*`,
      [`get ${'k'.repeat(1_025)}`]: `key .*\\(TOO_LARGE\\).*`,
      [`put ${'k'.repeat(1_025)} v`]: `key .*\\(TOO_LARGE, definitely not done\\).*`,
      'put a still-here': `revision .*`,
    });
  });

  it('no value plays tricks with the terminal', async () => {
    await cluster.client().put('evil\u001b[2J', '\u001b]0;owned\u0007\r\n\u009b2J');
    await using terminal = sit();
    await terminal.prompts();
    const before = terminal.written.length;
    expect(await terminal.enter('scan evil')).to.include('"evil\\u001b[2J"  "\\u001b]0;owned\\u0007\\r\\n\\u009b2J"');
    await terminal.enter('get "evil\\u001b[2J"');
    expect(terminal.written.slice(before)).not.to.include('owned\u0007').and.not.include('\u001b[2J');
    await cluster.client().delete('evil\u001b[2J');
  });

  it('Tab completes commands and keys, and typing goes on meanwhile', async () => {
    await using terminal = sit();
    await terminal.prompts();
    terminal.press(`ge${KEY.tab}`);
    await terminal.shows(/>> get $/);
    terminal.press(`od${KEY.tab}`);
    await terminal.shows(/get "odd key"$/);
    terminal.press(KEY.enter);
    await terminal.shows('"a odd key"');
    await terminal.prompts(terminal.shown.indexOf('a odd key'));
    terminal.press(`get fr${KEY.tab}`);
    await terminal.shows(/get fruit\/$/);
    // One Tab shows that there are several, the second in a row lists them.
    await terminal.tap(KEY.tab, KEY.tab);
    await terminal.shows(/fruit\/apple +fruit\/pear/);
    // What was typed before the keys were there makes them useless.
    await terminal.tap('p', KEY.tab, 'e', 'a', 'r', KEY.enter);
    await terminal.shows('"a fruit/pear"');
  });

  it('lines pasted at once are done one after the other, each shown above its answer', async () => {
    await using terminal = sit();
    await terminal.prompts();
    const shown = await terminal.enter(['put p 1', 'append p 2', 'get p', 'get nobody'].join(KEY.enter));
    expect(shown.replaceAll(new RegExp(`  ${TIME}`, 'g'), '').replaceAll(/revision \d+/g, 'revision')).to.equal(
      'revision\n>> append p 2\nrevision\n>> get p\n"12"\n>> get nobody\nnobody: not found',
    );
  });

  it('Ctrl-C clears the line, and says how to leave where there is none; Ctrl-D leaves', async () => {
    await using terminal = sit();
    await terminal.prompts();
    terminal.press(`put a precious${KEY.ctrlC}`);
    await terminal.shows('put a precious^C\n>> ');
    expect(await terminal.enter('get nobody')).to.match(/^nobody: not found/);
    terminal.press(KEY.ctrlC);
    await terminal.shows('>> ^C\n(Ctrl-D or `exit` leaves)\n');
    terminal.press(KEY.ctrlD);
    await terminal.ended;
    expect(terminal.shown).to.match(/>> \n$/);
  });

  it('keeps its history between runs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'understudy-repl-'));
    const historyPath = join(directory, 'history');
    try {
      for (const line of ['put h 1', 'get h']) {
        await using terminal = new FakeTerminal({ monitor: cluster.monitors, historyPath });
        await terminal.prompts();
        await terminal.enter(line);
      }
      await using terminal = new FakeTerminal({ monitor: cluster.monitors, historyPath });
      await terminal.prompts();
      terminal.press(`${KEY.up}${KEY.up}`);
      await terminal.shows(/>> put h 1$/);
      terminal.press(KEY.ctrlC);
      expect(readFileSync(historyPath, 'utf8')).to.equal('put h 1\nget h\n');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('a history that cannot be kept is told once, and the prompt comes', async () => {
    await using terminal = new FakeTerminal({ monitor: cluster.monitors, historyPath: '/dev/null/history' });
    await terminal.prompts();
    await terminal.enter('get h');
    await terminal.enter('get h');
    expect(terminal.shown.match(/no history is kept/g)).to.have.length(1);
  });

  it('with --json answers are JSON, and only those where stdout is no terminal', async () => {
    let written = '';
    const output = (text: string) => {
      written += text;
    };
    await using terminal = new FakeTerminal({ monitor: cluster.monitors, json: true, output });
    await terminal.prompts();
    expect(await terminal.enter('get nobody')).to.equal('');
    expect(await terminal.enter('get')).to.equal('get: KEY is missing; usage: get KEY');
    expect(written).to.equal('{"key":"nobody","value":null}\n');
  });

  it('tells a failover while it happens, and the operation is done', async () => {
    await using terminal = sit();
    await terminal.prompts();
    await terminal.enter('put a before');
    await cluster.waitUntilInSync();
    const dead = await cluster.kill('primary');
    expect(await terminal.enter('append a -after')).to.match(
      new RegExp(
        `^primary ${dead} is gone, asking the monitor \\.\\.\\.${PERHAPS_NO_ANSWER} now ${cluster.primary}, view \\d+\n(primary .* is not ready yet.*\n)?revision \\d+  ${TIME}$`,
      ),
    );
    expect(await terminal.enter('get a')).to.match(/^"before-after" /);
    await cluster.restart(dead);
    await cluster.waitUntilInSync();
  });

  it('Ctrl-C cancels what runs, says whether it may have been done, and drops what waits', async () => {
    await using cut = await startCluster({ servers: 1 });
    await using terminal = new FakeTerminal({ monitor: cut.monitors });
    await terminal.prompts();
    await terminal.enter('put a 1');
    await cut.kill('primary');
    terminal.press(['put a 2', 'get a', 'get b'].join(KEY.enter) + KEY.enter);
    await terminal.shows('is gone, asking the monitor ...');
    terminal.press(KEY.ctrlC);
    await terminal.shows('2 more lines are not done');
    expect(terminal.shown).to.match(/put: cancelled; it (is definitely not|may or may not have been) done/);
    terminal.press(`get a${KEY.enter}`);
    await eventually('the second trouble', () => terminal.shown.split('is gone, asking').length === 3);
    terminal.press(KEY.ctrlC);
    await terminal.shows('get: cancelled');
    await terminal.prompts(terminal.shown.indexOf('get: cancelled'));
  });

  it('SIGTERM cancels what runs, and ends it', async () => {
    await using cut = await startCluster({ servers: 1 });
    const terminal = new FakeTerminal({ monitor: cut.monitors, timeout: 60_000 });
    await terminal.prompts();
    await cut.kill('primary');
    terminal.press(`put a 1${KEY.enter}get a${KEY.enter}`);
    await terminal.shows('is gone, asking the monitor ...');
    process.emit('SIGTERM', 'SIGTERM');
    await terminal.ended;
    expect(terminal.shown).to.match(new RegExp(`\nput: cancelled; it is definitely not done  ${TIME}\n$`));
  });

  it('asks even where no monitor answers, and Tab does not wait long there', async () => {
    await using terminal = new FakeTerminal({ monitor: ['127.0.0.1:1'], timeout: 300 });
    await terminal.prompts();
    expect(terminal.shown).to.match(/^[^\n]*127\.0\.0\.1:1[^\n]*\(UNREACHABLE\)\n/);
    const beganMs = performance.now();
    terminal.press(`get a${KEY.tab}`);
    expect(await terminal.enter('')).to.match(
      new RegExp(`asking the monitor \\.\\.\\. no answer .*\n.*\\(TIMEOUT\\)  ${TIME}$`),
    );
    expect(performance.now() - beganMs).to.be.lessThan(10_000);
    expect(await terminal.enter('status')).to.match(/127\.0\.0\.1:1/);
  });
});
