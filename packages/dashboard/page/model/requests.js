/**
 * Requests to a node as objects. The same object is sent, and shown as curl or TypeScript, so that both are the same
 * request.
 */

/**
 * @typedef {object} NodeRequest
 * @property {'GET' | 'PUT' | 'DELETE'} method
 * @property {string} base for example http://127.0.0.1:7001
 * @property {string} path with its query
 * @property {Readonly<Record<string, string>>} headers
 * @property {string} [body]
 */
/**
 * The condition for changing a key: it has this revision, or is 'absent'. Undefined: no condition.
 * @typedef {number | 'absent' | undefined} Condition
 */

const TEXT = { 'Content-Type': 'text/plain' };

/** @param {string} base @param {{ prefix: string, limit: number }} wish @returns {NodeRequest} */
export function listKeys(base, { prefix, limit }) {
  const query = prefix === '' ? '' : `prefix=${encodeURIComponent(prefix)}&`;
  return { method: 'GET', base, path: `/kv?${query}limit=${limit}`, headers: {} };
}

/** @param {string} base @param {string} key @returns {NodeRequest} */
export function getKey(base, key) {
  return { method: 'GET', base, path: pathOf(key), headers: {} };
}

/** @param {string} base @param {string} key @param {string} value @param {Condition} [condition] @returns {NodeRequest} */
export function putKey(base, key, value, condition) {
  return { method: 'PUT', base, path: pathOf(key), headers: { ...TEXT, ...guard(condition) }, body: value };
}

/** @param {string} base @param {string} key @param {Condition} [condition] @returns {NodeRequest} */
export function deleteKey(base, key, condition) {
  return { method: 'DELETE', base, path: pathOf(key), headers: guard(condition) };
}

/** @param {string} base @param {string} action @param {Readonly<Record<string, string | number>>} parameters @returns {NodeRequest} */
export function doChaos(base, action, parameters) {
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const path = `/chaos/${action}${query.length === 0 ? '' : `?${query.join('&')}`}`;
  return { method: 'PUT', base, path, headers: TEXT, body: '' };
}

/** @param {NodeRequest} request */
export function asCurl({ method, base, path, headers, body }) {
  const parts = ['curl'];
  if (method === 'GET') parts.push(path.endsWith('/events') ? '-N' : '-i');
  else parts.push('-X', method);
  if (/\/\.{1,2}(\?|$)/.test(path)) parts.push('--path-as-is');
  for (const [name, value] of Object.entries(headers)) parts.push('-H', quoted(`${name}: ${value}`));
  if (body !== undefined) parts.push('--data-binary', quoted(body));
  return [...parts, quoted(base + path)].join(' ');
}

/** @param {NodeRequest} request */
export function asTypeScript({ method, base, path, headers, body }) {
  const options = [
    ...(method === 'GET' ? [] : [`  method: ${literal(method)},`]),
    ...(Object.keys(headers).length === 0 ? [] : [`  headers: ${headersIn(headers)},`]),
    ...(body === undefined ? [] : [`  body: ${literal(body)},`]),
  ];
  const init = options.length === 0 ? '' : `, {\n${options.join('\n')}\n}`;
  const isGuarded = 'If-Match' in headers || 'If-None-Match' in headers;
  const conflict = "if (answer.status === 412) throw new Error('somebody else was faster');\n";
  return `const answer = await fetch(${literal(base + path)}${init});\n${isGuarded ? conflict : ''}if (!answer.ok) throw new Error(await answer.text());\nconsole.log(await answer.text());\n`;
}

/** @param {string} key */
function pathOf(key) {
  const encoded = encodeURIComponent(key);
  // A slash need not be encoded, unless a part between slashes would be read as a step upwards.
  const hasSteps = key.split('/').some((part) => part === '.' || part === '..' || part === '');
  return `/kv/${hasSteps ? encoded : encoded.replaceAll('%2F', '/')}`;
}

/** @param {Condition} condition @returns {Record<string, string>} */
function guard(condition) {
  if (condition === undefined) return {};
  return condition === 'absent' ? { 'If-None-Match': '*' } : { 'If-Match': `"${condition}"` };
}

/** Quotes for a POSIX shell. @param {string} text */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** @param {string} text */
function literal(text) {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}

/** @param {Readonly<Record<string, string>>} headers */
function headersIn(headers) {
  return `{ ${Object.entries(headers)
    .map(([name, value]) => `${/^\w+$/.test(name) ? name : literal(name)}: ${literal(value)}`)
    .join(', ')} }`;
}
