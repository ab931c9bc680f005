/** The public names of @understudy/kvservice. */
export { FAILURES, type FailureName, UnderstudyError } from '@understudy/rpc';
export { type Codec, codecs } from './client/codec.ts';
export type { ClientNotice } from './client/notice.ts';
export type { CloseOptions, KVClientOptions, OperationOptions, PageOptions, ScanOptions } from './client/options.ts';
export type { Snapshot } from './client/snapshot.ts';
export { KVClient } from './client.ts';
export type * from './contract.ts';
export type { Limits } from './core/config.ts';
export type { Effect, ReplicaNotice } from './core/effect.ts';
export { type Event, requestsOf } from './core/event.ts';
export { fnv1a32 } from './core/fnv.ts';
export type { ReplicaInspection, ReplicaStep } from './core/inspection.ts';
export type { Entry, Operation } from './core/operation.ts';
export type { ServerNotice } from './notice.ts';
export type { ServerOptions } from './options.ts';
export { type Server, startServer } from './server.ts';
export { ServerNarrator, unheldInWords } from './server-narrator.ts';
export type { OperationEvent, ViewEvent } from './telemetry.ts';
