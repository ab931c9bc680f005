/**
 * For `node --import`, before tsx: has Node read the texts of PLANTED, a JSON object by URL, in the place of those
 * files. PLANTED_FILE names a file with such an object, for texts that are too long for an environment. It comes first
 * because hooks are asked in the reverse order: tsx, which translates, asks this one for the source.
 */
import { readFileSync } from 'node:fs';
import { register } from 'node:module';

const HOOK = `
let texts = {};
export function initialize(given) {
  texts = given;
}
export async function load(url, context, next) {
  const source = texts[url.split('?')[0]];
  return source === undefined ? next(url, context) : { format: 'module', source, shortCircuit: true };
}
`;

const { PLANTED, PLANTED_FILE } = process.env;
const planted = PLANTED_FILE === undefined ? (PLANTED ?? '{}') : readFileSync(PLANTED_FILE, 'utf8');

register(`data:text/javascript,${encodeURIComponent(HOOK)}`, { data: JSON.parse(planted) });
