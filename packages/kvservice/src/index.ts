/** The public names of @understudy/kvservice. */
export type { ClientNotice } from './client/notice.ts';
export type { KVClientOptions, OperationOptions, ScanOptions } from './client/options.ts';
export { KVClient } from './client.ts';
export type * from './contract.ts';
export type { Limits } from './core/config.ts';
export type { ReplicaNotice } from './core/effect.ts';
export type { ServerNotice } from './notice.ts';
export type { ServerOptions } from './options.ts';
export { type Server, startServer } from './server.ts';
