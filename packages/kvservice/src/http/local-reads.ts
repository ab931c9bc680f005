/** Sequential HTTP reads that this server answers itself (L5). */
import { type FailureName, type Method, type Params, UnderstudyError } from '@understudy/rpc';
import type { GetResult, ScanResult } from '../contract.ts';

export class LocalReads {
  readonly #methods: Readonly<Record<string, Method>>;

  constructor(methods: Readonly<Record<string, Method>>) {
    this.#methods = methods;
  }

  get(params: Params, otherwise: () => Promise<GetResult>): Promise<GetResult> {
    return this.#read('kv.get', params, otherwise) as Promise<GetResult>;
  }

  scan(params: Params, otherwise: () => Promise<ScanResult>): Promise<ScanResult> {
    return this.#read('kv.scan', params, otherwise) as Promise<ScanResult>;
  }

  /** @param otherwise Passes the read on, if this server has no data or does not reach `atLeast` in time. */
  async #read(name: string, params: Params, otherwise: () => Promise<object>): Promise<object> {
    try {
      return await this.#ask(name, { ...params, consistency: 'sequential' });
    } catch (error) {
      if (error instanceof UnderstudyError && PASSED_ON.includes(error.name)) return otherwise();
      throw error;
    }
  }

  #ask(name: string, params: Params): Promise<object> {
    return new Promise((resolve, reject) => this.#methods[name]?.(params, { result: resolve, failure: reject }));
  }
}

/**
 * The failures after which a read is passed on: this server has no data (NOT_PRIMARY), or does not reach that revision
 * in time. NOT_READY is the primary's own answer for the latter.
 */
const PASSED_ON: readonly FailureName[] = ['NOT_PRIMARY', 'NOT_READY'];
