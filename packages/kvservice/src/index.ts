/** The public names of @understudy/kvservice. */
export type * from './contract.ts';
