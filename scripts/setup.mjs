// Installs and builds what is missing or out of date; quick when nothing is. Needs nothing but Node.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.understudy-lock-hash');
const lockHash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

const installed = existsSync(stamp) && statSync(stamp).isFile() && readFileSync(stamp, 'utf8') === lockHash;
if (!installed) {
  run('npm', ['ci']);
  writeFileSync(stamp, lockHash);
}
run(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b']);

function run(command, args) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (done.error) throw done.error;
  if (done.status !== 0) {
    console.error(`setup: ${command} ${args.join(' ')} failed`);
    process.exit(done.status ?? 1);
  }
}
