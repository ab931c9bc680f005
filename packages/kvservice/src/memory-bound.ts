/** The default memory limit of a server, and the bounds derived from its limit (M1, M4). */
import { longLivedBytes, UnderstudyError } from '@understudy/rpc';
import { DEFAULT_LIMITS, type Limits } from './core/config.ts';
import { RESULT_BYTES, SESSION_BYTES } from './core/memory.ts';

/**
 * The server's share of the heap for long-lived objects. The rest is for the program itself, messages in flight, and
 * garbage not collected yet.
 */
const SHARE_OF_HEAP = 0.5;
/** With less memory, a server could not hold one value and its log. */
const LEAST_BYTES = 16 * 2 ** 20;

/** Half of the memory that V8 may use for long-lived objects. `node --max-old-space-size` raises it. */
export function defaultMaxMemory(): number {
  return Math.max(LEAST_BYTES, Math.floor(SHARE_OF_HEAP * longLivedBytes()));
}

/** Throws INVALID_PARAMS if the process could not hold that much. */
export function checkMaxMemory(maxMemory: number): number {
  const most = longLivedBytes();
  if (maxMemory <= most) return maxMemory;
  const remedy = 'give less, or raise the limit with NODE_OPTIONS=--max-old-space-size=MIB';
  const bound = `${most} bytes, which is all that the heap of this process has for it`;
  const message = `maxMemory (--max-memory) is above ${bound}: ${remedy}`;
  throw new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'maxMemory' } });
}

/** The share of the heap for long-lived objects that loaded data may use. It leaves the rest free. */
const LOADED_SHARE = 0.8;

/**
 * How much a server may load from its disk. That can exceed the limit for a running server: operations in progress at
 * the last stop were counted on top and must be loaded again, and a primary with more memory may have sent much. Data
 * counts once here, and twice while the server runs.
 */
export function mostToLoad(maxMemory: number): number {
  return Math.max(maxMemory, Math.min(2 * maxMemory, Math.floor(LOADED_SHARE * longLivedBytes())));
}

/**
 * Derives limits from the memory limit. The log, waiting operations, and sessions each get a share, and none gets most
 * of it.
 */
export function limitsWithin(maxBytes: number): Limits {
  const { pendingWeight, sessions, retainedWeight, checkpointWeight, transferWeight } = DEFAULT_LIMITS;
  return {
    ...DEFAULT_LIMITS,
    sessions: Math.min(sessions, Math.ceil(maxBytes / 16 / (SESSION_BYTES + RESULT_BYTES))),
    pendingWeight: Math.min(pendingWeight, maxBytes / 8),
    retainedWeight: Math.min(retainedWeight, maxBytes / 16),
    checkpointWeight: Math.min(checkpointWeight, maxBytes / 16),
    transferWeight: Math.min(transferWeight, maxBytes / 4),
  };
}
