/** `understudy replay` as a command: what it says, what it serves, and how it ends. */
import { readFileSync } from 'node:fs';
import { get, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { CommandProcess, runHere } from '../cli/command.ts';
import { Folder, STALE_READ } from './support/runs.ts';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function ask(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { headers }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, headers: response.headers, body }), reject);
    }).once('error', reject);
  });
}

describe('understudy replay', () => {
  const folder = new Folder();
  after(() => folder[Symbol.dispose]());

  for (const [what, line, complaint] of [
    ['no file', ['replay'], /missing required argument 'FILE'/],
    ['a file that is not there', ['replay', 'nowhere.jsonl'], /^understudy: nowhere\.jsonl: there is no such file/],
    ['an address that is none', ['replay', 'x', '--listen', 'nowhere'], /Expected HOST:PORT/],
    ['what is no trace', ['replay', 'package.json'], /^understudy: package\.json: line 1: not JSON$/m],
  ] as const) {
    it(`refuses ${what} in one line, with exit code 2`, async () => {
      const { code, stdout, stderr } = await runHere(...line);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr)
        .to.match(complaint)
        .and.match(/^understudy: [^\n]*\n$/);
    });
  }

  it('serves the page and the trace, under a strict policy and to its own page only, until Ctrl-C', async () => {
    await using command = new CommandProcess('replay', STALE_READ);
    const url = await command.line((line) => line.startsWith('http://'));
    expect(command.lines[0]).to.match(/^stale-read\.jsonl: seed \d+, 1\.8 s of virtual time, 695 events, 1 violation$/);
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await ask(url);
    expect(page.body).to.include('<title>Understudy replay</title>');
    expect(page.headers['content-security-policy']).to.match(
      /^default-src 'none'; script-src 'self'; style-src 'self'; /,
    );
    const summary = JSON.parse((await ask(`${url}replay/trace`)).body);
    expect(summary).to.include({ name: 'stale-read.jsonl', events: 695, missing: '', blocks: 1 });
    expect((await ask(`${url}replay/events?block=0`)).body.split('\n')).to.have.lengthOf(695);
    const [first = ''] = readFileSync(STALE_READ, 'utf8').split('\n');
    expect((await ask(`${url}replay/event?event=0`)).body).to.equal(first);
    for (const query of ['events?block=1', 'events', 'event?event=695', 'event?event=-1', 'event?event=x']) {
      expect((await ask(`${url}replay/${query}`)).status, query).to.equal(400);
    }
    expect((await ask(`${url}replay/trace`, { Origin: 'http://evil.example' })).status).to.equal(403);
    expect((await ask(`${url}dashboard/../package.json`)).status).to.equal(404);
    command.signal('SIGINT');
    expect(await command.ended).to.deep.equal({ code: 0, signal: null });
    expect(command.errors).to.deep.equal([]);
  });

  it('plays what there is of a file that breaks off, and says so', async () => {
    const cut = folder.file('cut.jsonl', readFileSync(STALE_READ, 'utf8').slice(0, 50_000));
    await using command = new CommandProcess('replay', cut);
    await command.line((line) => line.startsWith('http://'));
    expect(command.lines[0]).to.match(/^cut\.jsonl: seed \d+, 0\.\d s of virtual time, \d+ events$/);
    expect(await command.line(() => true, 'errors')).to.match(/The file breaks off in the middle of line \d+: /);
    command.signal('SIGTERM');
    expect((await command.ended).code).to.equal(0);
  });
});
