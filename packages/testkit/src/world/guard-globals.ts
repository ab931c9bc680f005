/**
 * A guard for runs that must be deterministic. Code of the packages fails if it reads a real clock, sets a real timer
 * or draws a real random number (D1).
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { UnderstudyError } from '@understudy/rpc';

/** Paths of the code under test. */
const GUARDED = /[\\/](?:packages|node_modules[\\/]@understudy)[\\/][^\\/]+[\\/](?:src|dist)[\\/]/;
const ANYBODY = /./;
/** Distinguishes a guarded function from the platform's. */
const GUARDED_MARK = Symbol('guarded');
/** Stack frames of other code. The guard looks further up for the code on whose behalf it acts. */
const TRANSPARENT = /guard-globals|[\\/]node_modules[\\/](?!@understudy)|node:|<anonymous>|\(native\)/;

export interface Guard extends Disposable {
  /** Which globals were used, and where. */
  readonly violations: readonly string[];
  /** Runs an action without the guard, such as a listener that only observes. */
  except(action: () => void): void;
  /** Restores the globals. */
  restore(): void;
  /** Restores the globals, and throws if one was used, even if the code under test swallowed the error. */
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

export interface GuardOptions {
  /**
   * `packages`: only the code of the packages is guarded, and tests keep the globals. `everybody`: all code is guarded,
   * except Node itself and dependencies that act on their own.
   */
  readonly against?: 'packages' | 'everybody';
}

/** Forbids the globals, even through a dependency. INVALID_REQUEST if another guard is active in this thread. */
export function guardGlobals({ against = 'packages' }: GuardOptions = {}): Guard {
  if (Reflect.get(Math.random, GUARDED_MARK) === true) {
    throw new UnderstudyError('INVALID_REQUEST', 'another simulation is running in this thread; run one at a time');
  }
  const violations: string[] = [];
  let isLifted = false;
  const check = (what: string) => {
    if (!isLifted) checkCaller(what, violations, against === 'everybody' ? ANYBODY : GUARDED);
  };
  const restores = PLACES.flatMap((place) => place.names.map((name) => forbid(place, name, check)));
  restores.push(forbidDate(check));
  syncBuiltinESMExports();
  const restore = () => {
    for (const undo of restores.splice(0)) undo();
    syncBuiltinESMExports();
  };
  const release = () => {
    restore();
    if (violations.length > 0) throw new Error(`not from the world (D1):\n${violations.join('\n')}`);
  };
  const except = (action: () => void) => {
    isLifted = true;
    try {
      action();
    } finally {
      isLifted = false;
    }
  };
  return { violations, except, restore, release, [Symbol.dispose]: release };
}

type Check = (what: string) => void;

function forbid({ holder, names: _, prefix }: Place, name: string, check: Check): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== 'function') return () => {};
  const guarded = new Proxy(original, {
    apply(target, self, args) {
      check(`${prefix}${name}`);
      return Reflect.apply(target, self, args);
    },
    // `process.hrtime.bigint` is read through `process.hrtime`.
    get(target, key) {
      if (key === GUARDED_MARK) return true;
      if (key === 'bigint') check(`${prefix}${name}.bigint`);
      return Reflect.get(target, key);
    },
  });
  // Changes only the value if possible. An object whose property attributes changed is slow to read from then on, and
  // the simulator's arithmetic reads `Math` all the time.
  const attributes = before?.value === undefined ? { configurable: true, writable: true, enumerable: true } : before;
  Object.defineProperty(holder, name, { ...attributes, value: guarded });
  return () => {
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, before);
  };
}

/** `new Date(number)`, and the static functions other than `now`, are harmless. */
function forbidDate(check: Check): () => void {
  const original = globalThis.Date;
  globalThis.Date = new Proxy(original, {
    construct(target, args, newTarget) {
      if (args.length === 0) check('new Date()');
      return Reflect.construct(target, args, newTarget);
    },
    apply(target, self, args) {
      check('Date()');
      return Reflect.apply(target, self, args);
    },
    get(target, key) {
      if (key === 'now') check('Date.now');
      return Reflect.get(target, key);
    },
  });
  return () => {
    globalThis.Date = original;
  };
}

function checkCaller(what: string, violations: string[], guarded: RegExp): void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = limit;
  const caller = stack.split('\n').find((line) => /^ +at /.test(line) && !TRANSPARENT.test(line));
  if (caller === undefined || !guarded.test(caller)) return;
  const violation = `${what} ${caller.trim()}`;
  violations.push(violation);
  throw new Error(`not from the world (D1): ${violation}`);
}
