/** Somebody who does the same job: a write is acknowledged when a second server has it. */
export interface Peer extends AsyncDisposable {
  /** For a column of the report. */
  readonly name: string;
  put(key: string, value: string): Promise<unknown>;
  /** Undefined: it is not measured in this form; `expected`: what was put there. */
  get?(key: string, expected: string): Promise<unknown>;
  /** Process ids of its servers, by role. */
  readonly servers: ReadonlyMap<string, number>;
}

/** The program is not on this machine; `hint` says how to get it. */
export class Missing extends Error {}
