import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelDisk, seal } from '@understudy/rpc';
import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { CommandProcess, eventually, runHere } from './command.ts';

/**
 * It stands in LevelDB's files as it is, so that a test can find it and flip a bit of it: compression refers back to
 * four characters that were there before, and no four of these are in JSON, in a name, or in the hex of the ids and sums.
 */
const UNCOMPRESSED = '~^|!;*?+';

describe('--data: directories that cannot be used', function () {
  this.timeout(60_000);

  let directory: string;
  let monitor: CommandProcess;
  let monitorAddress: string;

  const path = (name: string) => join(directory, name);
  const startMonitor = (...args: readonly string[]) =>
    new CommandProcess('monitor', '--data', path('monitor'), '--listen', ...args);
  const startServer = (listen: string, data: string) =>
    new CommandProcess('server', '--listen', listen, '--monitor', monitorAddress, '--data', data);
  const understudy = (...args: readonly string[]) => runHere(...args, '--monitor', monitorAddress);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-data-'));
    monitor = startMonitor('0', '--new');
    monitorAddress = await monitor.address();
  });

  after(async () => {
    await monitor[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  /** It ends at once, with nothing on stdout, and one line for a reader on stderr. */
  const isRefused = async (refused: CommandProcess, message: RegExp, code = 1) => {
    expect(await refused.ended).to.deep.equal({ code, signal: null });
    expect(refused.lines).to.deep.equal([]);
    const forReaders = refused.errors.filter((line) => !line.startsWith('{'));
    expect(forReaders).to.have.length(1);
    expect(forReaders[0]).to.match(message);
  };

  it('of a server: in use, another one’s, damaged', async () => {
    const data = path('server');
    const first = startServer('0', data);
    const address = await first.address();
    for (const key of ['a', 'b', 'c', 'd', 'e'])
      expect((await understudy('put', key, `value of ${key}`)).code).to.equal(0);

    await using second = startServer('0', data);
    await isRefused(second, /^understudy: .*server is in use by another process \(STORE_IN_USE\)$/);
    expect((await understudy('put', 'f', UNCOMPRESSED)).code).to.equal(0);
    await first[Symbol.asyncDispose]();

    // Never the one that the first had.
    const [port] = await freePorts(1);
    await using other = startServer(String(port), data);
    await isRefused(
      other,
      new RegExp(`^understudy: --data: .*holds the data of ${address}, and this server is .*nothing in it was changed`),
    );

    await using again = startServer(address, data);
    await again.line((line) => line.includes('found its data of view 1 on disk'), 'errors');
    expect((await understudy('get', 'f')).stdout).to.equal(`${UNCOMPRESSED}\n`);
    await again[Symbol.asyncDispose]();

    const before = flipIn(data, UNCOMPRESSED);
    await using blank = startServer(address, data);
    await blank.address();
    const said = await blank.line((line) => line.includes('data-damaged'), 'errors');
    expect(said).to.include(`it is in ${data}.damaged-1 now, and this server starts without`);
    for (const [name, bytes] of before)
      expect(readFileSync(join(`${data}.damaged-1`, name)).equals(bytes)).to.equal(true);
  });

  it('of a monitor: in use, and with --new though there is a cluster in it, which goes on', async () => {
    await using second = startMonitor('0');
    await isRefused(second, /^understudy: .*monitor is in use by another process \(STORE_IN_USE\)$/);
    await monitor[Symbol.asyncDispose]();
    // As a unit file that keeps --new would start it.
    monitor = startMonitor(monitorAddress, '--new');
    await monitor.line((line) => line.includes('as it was kept on disk'), 'errors');
    await eventually('it tells the view', async () => (await understudy('status')).code === 0);
  });

  it('a file, and what lies below one', async () => {
    writeFileSync(path('file'), 'text');
    await using server = startServer('0', path('file'));
    await isRefused(server, /^understudy: the disk failed at .*file: it is a file \(STORE_FAILED\)$/);
    await using below = startServer('0', join(path('file'), 'data'));
    await isRefused(below, /^understudy: the disk failed at .*: ENOTDIR.* \(STORE_FAILED\)$/);
    expect(readFileSync(path('file'), 'utf8')).to.equal('text');
    expect(readdirSync(directory).filter((name) => name.startsWith('file'))).to.deep.equal(['file']);
  });

  const untouched = async (name: string, before: unknown, refused: CommandProcess, message: RegExp) => {
    await isRefused(refused, message);
    expect(contentOf(path(name))).to.deep.equal(before);
    expect(readdirSync(directory).filter((entry) => entry.startsWith(name))).to.deep.equal([name]);
  };

  it('somebody’s files, the monitor’s data, and a database of somebody else: left as they are', async () => {
    mkdirSync(path('letters'));
    writeFileSync(join(path('letters'), 'letter.txt'), 'Dear');
    const letters = contentOf(path('letters'));
    await using server = startServer('0', path('letters'));
    const refusal =
      /^understudy: .*letters holds something else than the data of a server: nothing in it was changed; take another directory \(STORE_FOREIGN\)$/;
    await untouched('letters', letters, server, refusal);

    await using first = new CommandProcess('monitor', '--new', '--listen', '0', '--data', path('of-monitor'));
    await first.address();
    await first[Symbol.asyncDispose]();
    const kept = contentOf(path('of-monitor'));
    await using wrong = startServer('0', path('of-monitor'));
    await untouched(
      'of-monitor',
      kept,
      wrong,
      /^understudy: .*of-monitor holds the data of a monitor: nothing in it was changed/,
    );

    await (await new LevelDisk().open(path('database'))).close();
    rmSync(join(path('database'), 'UNDERSTUDY'));
    const database = contentOf(path('database'));
    await using other = new CommandProcess('monitor', '--new', '--listen', '0', '--data', path('database'));
    await untouched(
      'database',
      database,
      other,
      /^understudy: .*database holds something else than the data of a monitor: /,
    );
  });

  it('of `up`: somebody’s files, a file, and a path that cannot be made', async () => {
    mkdirSync(path('home'));
    writeFileSync(join(path('home'), 'notes'), 'mine');
    const home = contentOf(path('home'));
    const up = (data: string) => new CommandProcess('up', '--port', '20999', '--data', data);
    await using foreign = up(path('home'));
    await untouched(
      'home',
      home,
      foreign,
      /^understudy: .*home holds something else than the data of a cluster, such as notes: /,
    );
    writeFileSync(path('plain'), 'text');
    await using file = up(path('plain'));
    await isRefused(file, /^understudy: .*plain is a regular file, and no directory$/);
    await using nowhere = up('/proc/nowhere');
    await isRefused(nowhere, /^understudy: the disk failed at \/proc\/nowhere\/monitor: ENOENT.* \(STORE_FAILED\)$/);
  });

  it('a path that cannot be made, of a server and of a monitor', async () => {
    const refusal = /^understudy: the disk failed at \/proc\/nowhere: ENOENT.* \(STORE_FAILED\)$/;
    await using server = startServer('0', '/proc/nowhere');
    await isRefused(server, refusal);
    await using other = new CommandProcess('monitor', '--new', '--listen', '0', '--data', '/proc/nowhere');
    await isRefused(other, refusal);
  });

  it('is its user’s alone: 0700, and 0600 for each file', async () => {
    await using server = startServer('0', join(path('new'), 'deep'));
    await server.address();
    await server.line((line) => line.includes('"view"'), 'errors');
    const deep = join(path('new'), 'deep');
    expect([path('new'), deep].map(rightsOf)).to.deep.equal(['700', '700']);
    const files = readdirSync(deep).map((name) => [name, rightsOf(join(deep, name))]);
    expect(files.filter(([, rights]) => rights !== '600')).to.deep.equal([]);
  });

  it('of a newer version', async () => {
    const meta = seal('meta', { format: 1_000, server: '127.0.0.1:1' });
    const store = await new LevelDisk().open(path('newer'), { name: 'server' });
    await store.write([{ kind: 'put', key: 'meta', value: meta }]);
    await store.close();
    await using server = startServer('0', path('newer'));
    await isRefused(
      server,
      /^understudy: --data: .*format 1000 by a newer version, and this one reads up to \d+: nothing in it/,
    );
    expect(readdirSync(directory).filter((name) => name.startsWith('newer'))).to.deep.equal(['newer']);
  });
});

function contentOf(data: string): unknown {
  return readdirSync(data).map((name) => [name, readFileSync(join(data, name), 'latin1'), rightsOf(join(data, name))]);
}

function rightsOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** Another byte in `text` wherever the store's files have it; gives what is there now. */
function flipIn(data: string, text: string): ReadonlyMap<string, Buffer> {
  const flipped = new Map<string, Buffer>();
  for (const name of readdirSync(data)) {
    const bytes = readFileSync(join(data, name));
    for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at)) {
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      flipped.set(name, bytes);
    }
    if (flipped.has(name)) writeFileSync(join(data, name), bytes);
  }
  if (flipped.size === 0) throw new Error(`${text} is stored nowhere in ${data}`);
  return flipped;
}
