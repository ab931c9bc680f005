/** The files of examples/deploy: each is well-formed, and uses only options that exist. The compose file works. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse, parseAllDocuments } from 'yaml';
import { createProgram } from '../../packages/cli/src/program.ts';
import { CommandProcess, eventually, runHere } from '../cli/command.ts';
import { freePorts } from '../support/free-ports.ts';

interface ComposeService {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly healthcheck: { readonly test: readonly string[] };
  readonly volumes: readonly string[];
}

const FOLDER = fileURLToPath(new URL('../../examples/deploy/', import.meta.url));
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.includes('.') || name === 'Dockerfile',
);
const COMMANDS = createProgram().commands;

describe('examples/deploy', () => {
  for (const name of FILES) {
    it(`${name} uses only variables and commands that exist`, () => {
      const variables = COMMANDS.flatMap(({ options }) => options.map(({ long }) => variableOf(long ?? '')));
      const used = [...read(name).matchAll(/\bUNDERSTUDY_[A-Z_]+[A-Z]/g)].map(([variable]) => variable);
      expect(used.filter((variable) => !variables.includes(variable))).to.deep.equal([]);
      const options = COMMANDS.flatMap((command) => command.options.map(({ long }) => long));
      const calls = [...read(name).matchAll(/\bunderstudy (?!view\b|server %i)([a-z]+)((?: --[a-z-]+)*)/g)];
      for (const [call, command, flags = ''] of name.endsWith('.md') || name.endsWith('.service') ? calls : []) {
        expect(
          COMMANDS.map((it) => it.name()),
          call,
        ).to.include(command);
        for (const flag of flags.split(' ').filter((it) => it !== '')) expect(options, call).to.include(flag);
      }
    });
  }

  for (const name of FILES.filter((it) => it.endsWith('.yaml'))) {
    it(`${name} is YAML`, () => {
      expect(parseAllDocuments(read(name), { merge: true }).flatMap(({ errors }) => errors)).to.deep.equal([]);
    });
  }

  it('the Dockerfile has two stages, a user without rights, a health check, and starts understudy', () => {
    const text = read('Dockerfile');
    expect(text.match(/^FROM /gm)).to.have.length(2);
    for (const line of [/^USER node$/m, /^HEALTHCHECK /m, /\/health/, /^ENTRYPOINT \["understudy"\]$/m, /^VOLUME /m]) {
      expect(text).to.match(line);
    }
  });

  for (const name of FILES.filter((it) => it.endsWith('.service'))) {
    it(`${name} has sections, restarts, and a stop that is longer than a leave`, () => {
      const lines = read(name)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      expect(lines.filter((line) => /^\[/.test(line))).to.deep.equal(['[Unit]', '[Service]', '[Install]']);
      expect(lines.filter((line) => !/^(\[\w+\]|[A-Z]\w+=.+)$/.test(line))).to.deep.equal([]);
      expect(lines).to.include.members(['Restart=on-failure', 'TimeoutStopSec=20', 'NoNewPrivileges=true']);
    });
  }

  it('kubernetes: stateful sets with probes, headless services that select them, and a disruption budget', () => {
    const documents = ['monitor', 'server'].flatMap((name) =>
      parseAllDocuments(read(`kubernetes/${name}.yaml`)).map((document) => document.toJS()),
    );
    const kinds = documents.map(({ kind }) => kind);
    expect(kinds).to.deep.equal(['Service', 'StatefulSet', 'Service', 'StatefulSet', 'PodDisruptionBudget']);
    for (const { spec } of documents.filter(({ kind }) => kind === 'StatefulSet')) {
      const service = documents.find(({ kind, metadata }) => kind === 'Service' && metadata.name === spec.serviceName);
      expect(service.spec).to.deep.include({ clusterIP: 'None', selector: spec.selector.matchLabels });
      expect(spec.template.metadata.labels).to.deep.equal(spec.selector.matchLabels);
      const [container] = spec.template.spec.containers;
      expect(container).to.include.keys('livenessProbe', 'readinessProbe', 'volumeMounts');
      expect(COMMANDS.map((command) => command.name())).to.include(container.args[0]);
    }
  });

  describe('compose.yaml, as plain processes with the same environment', function () {
    this.timeout(120_000);
    let directory: string;
    before(() => {
      directory = mkdtempSync(join(tmpdir(), 'understudy-deploy-'));
    });
    after(() => rmSync(directory, { recursive: true }));

    it('serves, answers its health check everywhere, and ends', async () => {
      const services = Object.entries<ComposeService>(parse(read('compose.yaml'), { merge: true }).services);
      expect(services.map(([name]) => name)).to.deep.equal(['monitor', 'server1', 'server2', 'server3']);
      const ports = await freePorts(services.length);
      const addresses = new Map(services.map(([name], at) => [`${name}:7000`, `127.0.0.1:${ports[at]}`]));
      await using running = new Running();
      for (const [name, { command, environment, healthcheck, volumes }] of services) {
        expect(volumes).to.deep.equal([`${name}:/data`]);
        expect(healthcheck.test.slice(0, 3)).to.deep.equal(['CMD', 'node', '-e']);
        const own = addresses.get(`${name}:7000`) ?? '';
        const given = Object.entries({ ...imageEnvironment(), ...environment }).map(([variable, value]) => [
          variable,
          value.replace('/data', join(directory, name)).replace('0.0.0.0:7000', own),
        ]);
        const here = given.map(([variable, value = '']) => [variable, addresses.get(value) ?? value]);
        running.add(withEnvironment(Object.fromEntries(here), () => new CommandProcess(...command)));
      }
      for (const each of running.all) await each.address();
      const monitor = ['--monitor', addresses.get('monitor:7000') ?? ''];
      expect((await runHere('put', 'greeting', 'hello', ...monitor)).code).to.equal(0);
      expect((await runHere('get', 'greeting', ...monitor)).stdout).to.equal('hello\n');
      for (const address of addresses.values()) {
        const check = services[0]?.[1].healthcheck.test ?? [];
        await eventually(`${address} is healthy`, () => isHealthy(check, address), 20_000);
      }
      for (const each of running.all.toReversed()) each.signal('SIGTERM');
      const [ofMonitor, ...ofServers] = await Promise.all(running.all.map(({ ended }) => ended));
      expect(ofMonitor).to.deep.equal({ code: 0, signal: null });
      // A server ends with 1 when no server that stays holds its data. Its last line says what is lost: nothing.
      for (const [at, { code, signal }] of ofServers.entries()) {
        expect(signal).to.equal(null);
        if (code !== 0) expect(running.all[at + 1]?.errors.at(-1)).to.match(/nothing is lost/);
      }
    });
  });
});

class Running implements AsyncDisposable {
  readonly all: CommandProcess[] = [];

  add(process: CommandProcess): void {
    this.all.push(process);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of this.all) await each[Symbol.asyncDispose]();
  }
}

/** Runs the check of the compose file, at this address. */
function isHealthy([, , ...args]: readonly string[], address: string): boolean {
  const here = args.map((word) => word.replace('127.0.0.1:7000', address));
  return spawnSync(process.execPath, here).status === 0;
}

/** What the image says for every container. */
function imageEnvironment(): Readonly<Record<string, string>> {
  const [, line = ''] = /^ENV (.*)$/m.exec(read('Dockerfile')) ?? [];
  return Object.fromEntries(line.split(' ').map((pair) => pair.split('=')));
}

function withEnvironment<T>(environment: Readonly<Record<string, string>>, action: () => T): T {
  const before = process.env;
  process.env = { ...before, ...environment };
  try {
    return action();
  } finally {
    process.env = before;
  }
}

function variableOf(long: string): string {
  return `UNDERSTUDY_${long.slice(2).toUpperCase().replaceAll('-', '_')}`;
}

function read(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}
