/**
 * The way to the nodes: straight from the page, or, where the policy that came with the page does not name a node, by a worker. A worker is
 * bound by the policy that comes with its own script, and that one names whom the node knows now.
 */
import { WorkerSource, workerAnswer } from './worker-source.js';

/** @typedef {{ readonly status: number, readonly text: string, readonly tag: string | null }} Answer */
/** @typedef {{ readonly method: string, readonly headers: Readonly<Record<string, string>>, readonly body?: string }} Request */
/** @typedef {EventSource | WorkerSource} Source */

export class Reach {
  /** Origins of nodes, such as http://127.0.0.1:7001, that the page itself may not ask. @type {Set<string>} */
  #barred = new Set();
  /** Those that not even a worker may ask. @type {Set<string>} */
  #unnamed = new Set();

  /** Nodes that cannot be heard, because whoever the page came from does not name them. */
  get unnamed() {
    return [...this.#unnamed].map((base) => base.replace('http://', ''));
  }

  /** The browser refuses to ask it. @param {string} base */
  bar(base) {
    this.#barred.add(base);
  }

  /** @param {string} base @returns {Source} */
  events(base) {
    const url = `${base}/events`;
    if (!this.#barred.has(base)) return new EventSource(url);
    return new WorkerSource(url, (isNamed) => {
      if (isNamed) this.#unnamed.delete(base);
      else this.#unnamed.add(base);
    });
  }

  /**
   * @param {string} base
   * @param {string} path
   * @param {Request} request
   * @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  async ask(base, path, request, signal) {
    if (this.#barred.has(base)) return workerAnswer(base + path, request, signal);
    const response = await fetch(base + path, { ...request, signal, cache: 'no-store' });
    return { status: response.status, text: await response.text(), tag: response.headers.get('ETag') };
  }
}
