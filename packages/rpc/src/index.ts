/** The public names of @understudy/rpc. */
export { assert, BrokenInvariant, unreachable } from './assert.ts';
export type { Clock, Timer } from './clock.ts';
export { FAILURES, type FailureDetails, type FailureName, UnderstudyError, type WireError } from './failure.ts';
export type { Random } from './random.ts';
export type {
  Address,
  CallOptions,
  Listener,
  ListenOptions,
  Method,
  Page,
  Params,
  Reply,
  Transport,
} from './transport.ts';
export type { World } from './world.ts';
