/**
 * Requests whose text is costly: to decode, to look at, to parse, or to say again. Each is as large as a request may
 * be, or nearly.
 */
import { DEFAULT_LIMITS } from '@understudy/rpc';

const { maxRequestBytes, maxElements } = DEFAULT_LIMITS;
/** Room for what stands around. */
const AROUND = 300;
const MIB = 2 ** 20;

/** It lies so near to the middle between two doubles that all of its digits count. */
const HARD_NUMBER = `1.00000000000000011102230246251565404236316680908203125${'0'.repeat(700)}1`;
const SHORTER_HARD_NUMBER = HARD_NUMBER.replace(/0{640}1$/, '1');

export function costlyTexts(): Readonly<Record<string, string>> {
  return {
    'numbers of hundreds of digits': inParams(list(HARD_NUMBER, maxRequestBytes - AROUND)),
    'numbers of many digits, as many as are allowed': inParams(list(SHORTER_HARD_NUMBER, MIB - AROUND)),
    'long names': inParams(object((n) => `${n}`.padStart(240, 'x'), 32_000)),
    'long names of escapes': inParams(object((n) => `\\u0001${n}`.padStart(240, 'x'), 32_000)),
    'long names of wide characters': inParams(object((n) => `${'€'.repeat(80)}${n}`, 32_000)),
    'names as long as are allowed': inParams(object((n) => `\\u0001${n}`.padStart(15, 'x'), 32_000)),
    'names that are numbers': inParams(object((n) => `${(n * 131_071) % 4_294_967_291}`, 32_000)),
    'objects of distinct names': inParams(list((n) => `{"a${n}":0}`, maxElements / 3 - 10)),
    'objects of a hundred distinct names': inParams(list((n) => object((m) => `a${n}_${m}`, 120), 250)),
    'escaped quotes': inParams(text('\\"')),
    backslashes: inParams(text('\\\\')),
    'quotes and nothing else': '"'.repeat(maxRequestBytes - AROUND),
    'wide characters': inParams(text('€')),
    'characters beyond the first plane': inParams(text('😀')),
    'characters of two bytes': inParams(text('é')),
    'an id of wide characters': `{"jsonrpc":"2.0","id":${text('€')},"method":"kv.get","params":{}}`,
    'an id of escaped quotes': `{"jsonrpc":"2.0","id":${text('\\"')},"method":"kv.get","params":{}}`,
    'a method of wide characters': `{"jsonrpc":"2.0","id":1,"method":${text('€')},"params":{}}`,
    'all at once, mostly text': inParams(allAtOnce(0.25)),
    'all at once, half text': inParams(allAtOnce(0.6)),
    'all at once, mostly values': inParams(allAtOnce(0.98)),
  };
}

/** `share`: of the values that a request may have, the rest of it being one string. */
function allAtOnce(share: number): string {
  const numbers = list(HARD_NUMBER, MIB - 400_000);
  const names = object((n) => `\\u0001${n}`.padStart(30, 'x'), share * 5_000);
  const shapes = list((n) => `{"a${n}":0}`, share * 16_000);
  return `[${numbers},${names},${shapes},${text('\\"', (share - 0.1) * maxRequestBytes)}]`;
}

function inParams(value: string): string {
  return `{"jsonrpc":"2.0","id":1,"method":"kv.get","params":{"key":"k","more":${value}}}`;
}

/** A string of such characters. */
function text(part: string, around = AROUND): string {
  return `"${part.repeat(Math.floor((maxRequestBytes - around) / Buffer.byteLength(part)))}"`;
}

/** `bound`: of characters where the item is given, or else of items. */
function list(item: string | ((n: number) => string), bound: number): string {
  if (typeof item === 'string') return `[${`${item},`.repeat(Math.floor(bound / (item.length + 1)))}0]`;
  return `[${Array.from({ length: Math.floor(bound) }, (_, n) => item(n)).join()}]`;
}

function object(name: (n: number) => string, count: number): string {
  return `{${Array.from({ length: count }, (_, n) => `"${name(n)}":0`).join()}}`;
}
