/**
 * For `node --import`, before tsx: has files that are required read as the texts of the file PLANTED_FILE, a JSON
 * object by URL.
 * Mocha requires its test files, and so does each file that it loads: the hook of `plant.mjs`, which is for imports, is
 * not asked then.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';

const { PLANTED_FILE } = process.env;
const planted = PLANTED_FILE === undefined ? '{}' : fs.readFileSync(PLANTED_FILE, 'utf8');
const texts = new Map(Object.entries(JSON.parse(planted)).map(([url, text]) => [fileURLToPath(url), text]));
const read = fs.readFileSync;

fs.readFileSync = (path, options) => {
  const text = texts.get(path instanceof URL ? fileURLToPath(path) : path);
  if (text === undefined) return read(path, options);
  const isText = typeof options === 'string' || typeof options?.encoding === 'string';
  return isText ? text : Buffer.from(text);
};
syncBuiltinESMExports();
