// `npm run pack:all`: packs every package into an installable tarball, and prints the command that installs them.
import { mkdirSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build, pack, packages, root, runScript } from './packing.mjs';

const HELP = `Usage: npm run pack:all [-- --out DIR]

Builds every package, packs it into a tarball, and prints the command that installs them in your own project.

  --out DIR   where the tarballs go (tarballs)
  --help      print this`;

runScript(main);

function main() {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: 'tarballs' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) return console.log(HELP);
  const to = resolve(root, values.out);
  mkdirSync(to, { recursive: true });
  build();
  const tarballs = packages().map((each) => {
    const { tarball, files, bytes } = pack(each, to);
    console.log(`${each.manifest.name}: ${relative(root, tarball)}, ${files} files, ${Math.ceil(bytes / 1024)} KiB`);
    return tarball;
  });
  console.log(`\nIn your own project:\n\n  npm i ${tarballs.join(' ')}`);
}
