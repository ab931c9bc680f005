import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { History, historyPath, KEPT_LINES } from '../../../packages/cli/src/repl/history.ts';

describe("the REPL's history", () => {
  let directory: string;
  let path: string;
  let troubles: string[];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'understudy-history-'));
    path = join(directory, 'state', 'understudy', 'repl_history');
    troubles = [];
  });

  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const open = (at: string | undefined = path) => new History(at, (trouble) => troubles.push(trouble));
  const permissions = (at: string) => statSync(at).mode & 0o777;

  it('is kept in XDG_STATE_HOME, else below the home, else nowhere', () => {
    expect(historyPath({ XDG_STATE_HOME: '/s', HOME: '/h' })).to.equal('/s/understudy/repl_history');
    expect(historyPath({ HOME: '/h' })).to.equal('/h/.local/state/understudy/repl_history');
    expect(historyPath({ XDG_STATE_HOME: 'relative', HOME: '/h' })).to.equal('/h/.local/state/understudy/repl_history');
    expect(historyPath({})).to.equal(undefined);
  });

  it('comes back in the next run, the newest first, for nobody else to read', () => {
    const first = open();
    expect(first.load()).to.deep.equal([]);
    for (const line of ['put a 1', 'get a', 'get a', 'put a 1']) first.add(line);
    expect(open().load()).to.deep.equal(['put a 1', 'get a', 'put a 1']);
    expect(permissions(path)).to.equal(0o600);
    expect(permissions(join(directory, 'state', 'understudy'))).to.equal(0o700);
    expect(troubles).to.deep.equal([]);
  });

  it("a file that others can read becomes the user's alone", () => {
    path = join(directory, 'mine');
    writeFileSync(path, 'get a\n');
    chmodSync(path, 0o644);
    expect(open().load()).to.deep.equal(['get a']);
    expect(permissions(path)).to.equal(0o600);
  });

  it('two prompts at once add to one file', () => {
    const [one, other] = [open(), open()];
    one.load();
    other.load();
    one.add('get one');
    other.add('get other');
    one.add('get three');
    expect(open().load()).to.deep.equal(['get three', 'get other', 'get one']);
  });

  it('leaves out what begins with a blank, nothing, controls, and values more than commands', () => {
    const history = open();
    history.load();
    for (const line of [' put password x', '', '\tget a', 'put a \u001b[2J', `put a ${'x'.repeat(10_000)}`])
      history.add(line);
    expect(readFileSync(path, 'utf8')).to.equal('');
    writeFileSync(path, 'get a\n\u001b[2J\n get b\n\nget c');
    expect(open().load()).to.deep.equal(['get c', 'get a']);
  });

  it('is bounded: cut when it is read, and nothing is left beside it', () => {
    const history = open();
    history.load();
    for (let n = 0; n <= 2 * KEPT_LINES; n += 1) history.add(`get ${n}`);
    const kept = open().load();
    expect(kept).to.have.length(KEPT_LINES);
    expect(kept[0]).to.equal(`get ${2 * KEPT_LINES}`);
    expect(readFileSync(path, 'utf8').trim().split('\n')).to.deep.equal([...kept].reverse());
    expect(permissions(path)).to.equal(0o600);
    expect(existsSync(`${path}.${process.pid}`)).to.equal(false);
  });

  it('off, it makes no file and says nothing', () => {
    const history = new History(undefined, (trouble) => troubles.push(trouble));
    expect(history.load()).to.deep.equal([]);
    history.add('get a');
    expect(troubles).to.deep.equal([]);
  });

  const HINDRANCES: Readonly<Record<string, () => void>> = {
    'a directory in its place': () => {
      path = directory;
    },
    'a file where its directory should be': () => {
      writeFileSync(join(directory, 'file'), '');
      path = join(directory, 'file', 'history');
    },
    'a device in its place': () => {
      path = '/dev/null';
    },
    'a file that is far too large': () => {
      path = join(directory, 'large');
      writeFileSync(path, 'x'.repeat(20_000_000));
    },
  };

  for (const [what, hinder] of Object.entries(HINDRANCES)) {
    it(`${what}: told once, harms nothing`, () => {
      hinder();
      const history = open();
      expect(history.load()).to.deep.equal([]);
      history.add('get a');
      history.add('get b');
      expect(troubles).to.have.length(1);
      expect(troubles[0]).to.match(/^no history is kept: /);
    });
  }

  it('a file that cannot be written any more is told once, while the prompt goes on', () => {
    const history = open();
    history.load();
    history.add('get a');
    rmSync(join(directory, 'state'), { recursive: true });
    history.add('get b');
    history.add('get c');
    expect(troubles).to.have.length(1);
  });
});
