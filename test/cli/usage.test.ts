import { expect } from 'chai';
import { runHere } from './command.ts';

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  monitor: ['--listen', '--backups', '--ping-interval', '--dead-pings', '--new', '--data'],
  server: [
    '--listen',
    '--monitor',
    '--advertise',
    '--priority',
    '--min-backups',
    '--lease',
    '--session-ttl',
    '--max-memory',
    '--data',
  ],
  get: ['<KEY>', '--monitor', '--timeout', '--json'],
  put: ['<KEY> <VALUE>', '--monitor', '--timeout', '--json'],
  'put-hash': ['<KEY> <VALUE>', '--monitor', '--timeout', '--json'],
  append: ['<KEY> <VALUE>', '--monitor', '--timeout', '--json'],
  delete: ['<KEY>', '--monitor', '--timeout', '--json'],
  cas: ['<KEY> <OLD> <NEW>', '--absent', '--monitor', '--timeout', '--json'],
  scan: ['[PREFIX]', '--limit', '--monitor', '--timeout', '--json'],
  repl: ['--monitor', '--timeout', '--json', '--bail', '--history', '--no-history', 'cas KEY OLD NEW', 'exit'],
  status: ['--monitor', '--json'],
  up: ['--servers', '--backups', '--port', '--no-restart', '--data'],
  sim: ['--seed', '--seeds', '--from', '--servers', '--faults', '--jobs', '--trace', '--json'],
  replay: ['<FILE>', '--listen', 'sim --seed'],
  check: ['<FILE>', '--json', '--budget'],
};

const WRONG: readonly (readonly [string, RegExp])[] = [
  ['', /Usage: understudy/],
  ['fly', /unknown command 'fly'/],
  ['statsu --monitor :1', /unknown command 'statsu' \(Did you mean status\?\)/],
  ['get --monitor :1', /missing required argument 'KEY'/],
  ['get a', /required option '--monitor <HOST:PORT\[,..\]>' not specified/],
  ['get a b --monitor :1', /too many arguments/],
  ['get a --monitor nowhere', /'nowhere' is invalid\. Expected HOST:PORT/],
  ['get a --monitor :1,nowhere', /Expected HOST:PORT/],
  ['get a --monitor :65536', /Expected HOST:PORT/],
  ['get a --monitor :0', /Port 0 is only for listening/],
  ['get a --monitor :1 --timeout soon', /Expected a whole number of 1 or more/],
  ['get a --monitor :1 --fast', /unknown option '--fast'/],
  ['put k -x --monitor :1', /unknown option '-x'/],
  ['repl', /required option '--monitor/],
  ['repl a --monitor :1', /too many arguments/],
  ['monitor', /required option '--listen <HOST:PORT>' not specified/],
  ['monitor --listen :0 --backups -1', /Expected a whole number from 0 to 100/],
  ['monitor --listen :0 --backups 1.5', /Expected a whole number/],
  ['monitor --listen :0 --dead-pings 1', /Expected a whole number from 2/],
  ['monitor --listen :0 --data=', /Expected the path of a directory/],
  ['server --listen :0', /required option '--monitor/],
  ['server --listen :0 --monitor :1 --data=', /Expected the path of a directory/],
  [
    'server --listen :0 --monitor :1 --max-memory 512',
    /'512' is invalid\. Expected a whole number of 16777216 or more/,
  ],
  ['server --listen :0 --monitor :1 --max-memory 64MiB', /'64MiB' is invalid\. Expected a whole number/],
  [
    'server --listen :0 --monitor :1 --max-memory 9007199254740991',
    /\(--max-memory\) is above \d+ bytes, .*NODE_OPTIONS=--max-old-space-size=MIB/,
  ],
  ['server --listen 0.0.0.0:7001 --monitor :1', /nobody reaches a server at 0\.0\.0\.0:7001: .* with --advertise$/m],
  ['server --listen [::]:7001 --monitor :1', /nobody reaches a server at \[::\]:7001: .* with --advertise$/m],
  ['server --listen [0:0::0]:7001 --monitor :1', /nobody reaches a server at .* with --advertise$/m],
  ['server --listen 0.0.0.0:0 --monitor :1 --advertise 0.0.0.0:7001', /nobody reaches .* with --advertise$/m],
  ['server --listen :0 --monitor :1 --advertise :0', /Port 0 is only for listening/],
  [
    'server --listen :0 --monitor :1 --lease 400',
    /: --lease times 1\.25 must be shorter than --dead-pings x --ping-interval =/,
  ],
  ['up --servers 0', /Expected a whole number from 1/],
  ['up --port 65534', /no 3 ports follow/],
  ['up --port 0 --data x', /--data: .* needs a fixed --port/],
];

describe('understudy, called wrongly or for help', () => {
  for (const [command, words] of Object.entries(COMMANDS)) {
    it(`${command} --help names ${words.join(', ')}`, async () => {
      const { code, stdout, stderr } = await runHere(command, '--help');
      expect(code).to.equal(0);
      expect(stderr).to.equal('');
      expect(stdout).to.match(new RegExp(`^Usage: understudy ${command} `));
      for (const word of words) expect(stdout).to.include(word);
    });
  }

  it('--help lists every command', async () => {
    const { code, stdout } = await runHere('--help');
    expect(code).to.equal(0);
    for (const command of Object.keys(COMMANDS)) expect(stdout).to.match(new RegExp(`^ {2}${command} `, 'm'));
  });

  it('--version prints the version', async () => {
    const { code, stdout } = await runHere('--version');
    expect(code).to.equal(0);
    expect(stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  for (const [line, complaint] of WRONG) {
    it(`\`understudy ${line}\` is wrong usage: exit code 2${line === '' ? '' : ' and one line on stderr'}`, async () => {
      const { code, stdout, stderr } = await runHere(...line.split(' ').filter((word) => word !== ''));
      expect(code).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).to.match(complaint);
      if (line !== '') expect(stderr).to.match(/^understudy: [^\n]*\n$/);
    });
  }

  for (const command of ['monitor --listen :0', 'server --listen :0 --monitor :1', 'up --port 0']) {
    it(`UNDERSTUDY_LOG=loud is wrong usage of \`understudy ${command}\`, which lists the levels`, async () => {
      const before = process.env;
      process.env = { ...before, UNDERSTUDY_LOG: 'loud' };
      const { code, stdout, stderr } = await runHere(...command.split(' ')).finally(() => {
        process.env = before;
      });
      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.equal(
        "understudy: UNDERSTUDY_LOG: 'loud' is no level; there are trace, debug, info, warn, error, fatal, silent\n",
      );
    });
  }
});
