/** A guard for runs that must be deterministic: code of the packages that reads a real clock, sets a real timer or draws a real random number fails (D1). */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

/** Code under test. */
const GUARDED = /[\\/]packages[\\/][^\\/]+[\\/](?:src|dist)[\\/]/;
/** Frames of others, on whose behalf the question is to be asked further up. */
const TRANSPARENT = /guard-globals|[\\/]node_modules[\\/]|node:|<anonymous>|\(native\)/;

export interface Guard extends Disposable {
  /** What was touched, and where. */
  readonly violations: readonly string[];
  /** Gives the globals back; throws when one was touched, even if the code under test swallowed the error. */
  release(): void;
}

interface Place {
  readonly holder: object;
  readonly names: readonly string[];
  readonly prefix: string;
}

const PLACES: readonly Place[] = [
  {
    holder: globalThis,
    names: ['setTimeout', 'setInterval', 'setImmediate'],
    prefix: '',
  },
  { holder: Math, names: ['random'], prefix: 'Math.' },
  { holder: performance, names: ['now'], prefix: 'performance.' },
  { holder: process, names: ['nextTick', 'hrtime', 'uptime'], prefix: 'process.' },
  { holder: AbortSignal, names: ['timeout'], prefix: 'AbortSignal.' },
  { holder: crypto.webcrypto, names: ['randomUUID', 'getRandomValues'], prefix: 'crypto.' },
  {
    holder: crypto,
    names: ['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'randomFill'],
    prefix: 'node:crypto ',
  },
  { holder: timers, names: ['setTimeout', 'setInterval', 'setImmediate'], prefix: 'node:timers ' },
  { holder: timersPromises, names: ['setTimeout', 'setInterval', 'setImmediate'], prefix: 'node:timers/promises ' },
];

/** Forbids the globals to the code of the packages, also by way of a dependency; mocha and the tests keep them. */
export function guardGlobals(): Guard {
  const violations: string[] = [];
  const restores = PLACES.flatMap((place) => place.names.map((name) => forbid(place, name, violations)));
  restores.push(forbidDate(violations));
  syncBuiltinESMExports();
  const restore = () => {
    for (const undo of restores.splice(0)) undo();
    syncBuiltinESMExports();
  };
  const release = () => {
    restore();
    if (violations.length > 0) throw new Error(`not from the world (D1):\n${violations.join('\n')}`);
  };
  return { violations, release, [Symbol.dispose]: release };
}

function forbid({ holder, names: _, prefix }: Place, name: string, violations: string[]): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== 'function') return () => {};
  const guarded = new Proxy(original, {
    apply(target, self, args) {
      check(`${prefix}${name}`, violations);
      return Reflect.apply(target, self, args);
    },
    // `process.hrtime.bigint` is read through `process.hrtime`.
    get(target, key) {
      if (key === 'bigint') check(`${prefix}${name}.bigint`, violations);
      return Reflect.get(target, key);
    },
  });
  Object.defineProperty(holder, name, { value: guarded, configurable: true, writable: true, enumerable: true });
  return () => {
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, before);
  };
}

/** `new Date(number)` and the static functions other than `now` are harmless. */
function forbidDate(violations: string[]): () => void {
  const original = globalThis.Date;
  globalThis.Date = new Proxy(original, {
    construct(target, args, newTarget) {
      if (args.length === 0) check('new Date()', violations);
      return Reflect.construct(target, args, newTarget);
    },
    apply(target, self, args) {
      check('Date()', violations);
      return Reflect.apply(target, self, args);
    },
    get(target, key) {
      if (key === 'now') check('Date.now', violations);
      return Reflect.get(target, key);
    },
  });
  return () => {
    globalThis.Date = original;
  };
}

function check(what: string, violations: string[]): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = limit;
  const caller = stack.split('\n').find((line) => /^ +at /.test(line) && !TRANSPARENT.test(line));
  if (caller === undefined || !GUARDED.test(caller)) return;
  const violation = `${what} ${caller.trim()}`;
  violations.push(violation);
  throw new Error(`not from the world (D1): ${violation}`);
}
