/**
 * The connection to the nodes. The page connects directly, unless its policy does not name the node; then a worker
 * connects. A worker is bound by the policy that comes with its own script, and that policy names the nodes known now.
 */
import { WorkerSource, workerAnswer } from './worker-source.js';

/** @typedef {{ readonly status: number, readonly text: string, readonly tag: string | null }} Answer */
/** @typedef {{ readonly method: string, readonly headers: Readonly<Record<string, string>>, readonly body?: string }} Request */
/** @typedef {EventSource | WorkerSource} Source */

export class Reach {
  /** Origins of nodes that the page itself may not ask, such as http://127.0.0.1:7001. @type {Set<string>} */
  #barred = new Set();
  /** Origins that not even a worker may ask. @type {Set<string>} */
  #unnamed = new Set();

  /** Nodes that cannot be heard, because the node that served the page does not name them. */
  get unnamed() {
    return [...this.#unnamed].map((base) => base.replace('http://', ''));
  }

  /** The browser refuses to ask this node. @param {string} base */
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
