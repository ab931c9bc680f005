// `npm run release`: publishes every package with provenance, in the order of their dependencies. With --dry-run it
// checks and packs everything, and publishes nothing.
//
// `npx lerna version X.Y.Z` prepares a release: it sets the version everywhere, commits and tags. A published version
// cannot be taken back. So this script refuses a version without its section in the changelog, packages of different
// versions, and files that are not committed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, packages, root, run, runScript, StepFailed } from './packing.mjs';

const HELP = `Usage: npm run release [-- --dry-run]

Publishes every package with provenance. First prepare the release: run \`npx lerna version X.Y.Z\`, and describe
it in CHANGELOG.md.

  --dry-run   check and pack everything, and publish nothing
  --help      print this

Publishing with provenance only works in a CI job that may request an identity token (GitHub Actions:
\`id-token: write\`).`;

runScript(main);

function main() {
  const { values } = parseArgs({
    options: { 'dry-run': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) return console.log(HELP);
  const isDry = values['dry-run'];
  const all = packages();
  const version = versionOf(all);
  checkManifests(all);
  checkChangelog(version, isDry);
  if (!isDry) checkCommitted();
  build();
  for (const { path, manifest } of all) {
    run(`npm publish ${manifest.name}`, 'npm', ['publish', ...(isDry ? ['--dry-run'] : [])], path);
    console.log(`${isDry ? 'would publish' : 'published'} ${manifest.name}@${version}`);
  }
}

/** The one version of all packages, also of those that they depend on. */
function versionOf(all) {
  const { version } = JSON.parse(readFileSync(join(root, 'lerna.json'), 'utf8'));
  for (const { manifest } of all) {
    if (manifest.version !== version)
      throw new StepFailed(`${manifest.name} has version ${manifest.version}, lerna.json ${version}`);
    for (const [name, wanted] of Object.entries(manifest.dependencies ?? {}))
      if (name.startsWith('@understudy/') && wanted !== version)
        throw new StepFailed(`${manifest.name} wants ${name}@${wanted}, which is ${version}`);
  }
  return version;
}

function checkManifests(all) {
  for (const { manifest } of all)
    for (const field of ['description', 'license', 'repository', 'homepage', 'keywords', 'publishConfig'])
      if (manifest[field] === undefined) throw new StepFailed(`${manifest.name}: its manifest has no ${field}`);
}

/** A dry run is made between releases too: then the newest section may be that of the next one. */
function checkChangelog(version, isDry) {
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  if (changelog.includes(`\n## ${version}`) || (isDry && changelog.includes('\n## Unreleased'))) return;
  throw new StepFailed(`CHANGELOG.md has no section "## ${version}"`);
}

function checkCommitted() {
  const changed = run('git status', 'git', ['status', '--porcelain']);
  if (changed !== '') throw new StepFailed(`these files are not committed:\n${changed}`);
}
