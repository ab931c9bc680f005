/**
 * For `node --import`, before tsx: has Node read the texts of PLANTED, a JSON object by URL, in the place of those files. It comes first
 * because hooks are asked in the reverse order: tsx, which translates, asks this one for the source.
 */
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

register(`data:text/javascript,${encodeURIComponent(HOOK)}`, { data: JSON.parse(process.env.PLANTED ?? '{}') });
