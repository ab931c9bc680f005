/** The scripts of `understudy completion`, loaded into real shells where these are installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createProgram } from '../../packages/cli/src/program.ts';
import { runHere } from './command.ts';

const COMMANDS = createProgram().commands;

describe('understudy completion', () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`${shell}: the script names every command and every option, and no hidden one`, async () => {
      const { code, stdout } = await runHere('completion', shell);
      expect(code).to.equal(0);
      for (const command of COMMANDS) {
        expect(stdout).to.include(command.name());
        for (const { long, hidden } of command.options) {
          const word = shell === 'fish' ? `-l ${long?.slice(2)} ` : String(long);
          if (hidden !== true) expect(stdout, command.name()).to.include(word.trim());
        }
      }
      expect(stdout).not.to.include('--control').and.not.to.include('-l control');
    });

    it(`${shell} can read the script`, async function () {
      if (spawnSync(shell, ['-c', 'true']).error !== undefined) return this.skip();
      const { stdout } = await runHere('completion', shell);
      const folder = mkdtempSync(join(tmpdir(), 'completion-'));
      const file = join(folder, shell);
      writeFileSync(file, stdout);
      const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
      rmSync(folder, { recursive: true });
      expect([status, stderr]).to.deep.equal([0, '']);
    });
  }

  it('refuses another shell, and names those that there are', async () => {
    const { code, stderr } = await runHere('completion', 'tcsh');
    expect(code).to.equal(2);
    expect(stderr).to.match(/^understudy: [^\n]*'tcsh' is invalid[^\n]*bash, zsh, fish\.\n$/);
  });

  describe('in bash', () => {
    const CASES: readonly (readonly [words: string, all: readonly string[] | RegExp])[] = [
      ['sta', ['status']],
      ['', COMMANDS.map((it) => it.name()).concat('--help', '--version')],
      ['status --', ['--monitor', '--timeout', '--json', '--config', '--help']],
      ['get k --mon', ['--monitor']],
      ['server --listen ', []],
      ['server --data /us', ['/usr']],
      ['check /etc/pass', /^\/etc\/passwd-?$/],
      ['sim --shape wi', ['wide']],
      ['completion z', ['zsh']],
      ['fly --', []],
    ];

    for (const [words, expected] of CASES) {
      it(`\`understudy ${words}\` + Tab suggests ${expected instanceof RegExp ? expected : expected.join(' ')}`, async () => {
        const { stdout } = await runHere('completion', 'bash');
        const typed = ['understudy', ...words.split(' ')];
        const set = `COMP_WORDS=(${typed.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${typed.length - 1}`;
        const script = `${stdout}\n${set}\n_understudy\nprintf '%s\\n' "\${COMPREPLY[@]}"\ncomplete -p understudy`;
        const done = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
        expect([done.status, done.stderr]).to.deep.equal([0, '']);
        const lines = done.stdout.trimEnd().split('\n');
        expect(lines.pop()).to.match(/^complete .*-F _understudy understudy$/);
        const suggested = lines.filter((line) => line !== '');
        if (expected instanceof RegExp) expect(suggested.join('\n')).to.match(new RegExp(expected, 'm'));
        else expect(suggested).to.have.members([...expected]);
      });
    }
  });
});
