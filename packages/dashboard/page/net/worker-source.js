/**
 * Event streams and answers that come through a worker. Each has a worker of its own, so that its policy is up to date.
 */

/** @import { Answer, Request } from './reach.js' */
/** @typedef {{ readonly kind: 'event', readonly name: string, readonly data: string } | { readonly kind: 'error', readonly isNamed: boolean } | { readonly kind: 'answer', readonly answer: Answer }} Told */

/** The part of an EventSource that the page needs. */
export class WorkerSource extends EventTarget {
  #worker = newWorker();

  /**
   * @param {string} url
   * @param {(isNamed: boolean) => void} onPolicy whether the policy lets the worker ask that node
   */
  constructor(url, onPolicy) {
    super();
    this.#worker.addEventListener('message', ({ data: told }) => {
      const { kind, name, data, isNamed } =
        /** @type {{ kind: string, name: string, data: string, isNamed: boolean }} */ (told);
      onPolicy(kind === 'event' || isNamed);
      this.dispatchEvent(kind === 'event' ? new MessageEvent(name, { data }) : new Event('error'));
    });
    // The node that served the worker's script is gone.
    this.#worker.addEventListener('error', () => {
      onPolicy(false);
      this.dispatchEvent(new Event('error'));
    });
    this.#worker.postMessage({ kind: 'listen', url });
  }

  close() {
    this.#worker.terminate();
  }
}

/**
 * @param {string} url
 * @param {Request} request
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function workerAnswer(url, request, signal) {
  const worker = newWorker();
  try {
    return await new Promise((resolve, reject) => {
      const fail = () => reject(new Error('no answer'));
      worker.addEventListener('message', ({ data }) => (data.kind === 'answer' ? resolve(data.answer) : fail()));
      worker.addEventListener('error', fail);
      signal.addEventListener('abort', fail);
      worker.postMessage({ kind: 'ask', url, request });
    });
  } finally {
    worker.terminate();
  }
}

function newWorker() {
  return new Worker(new URL('./node-worker.js', import.meta.url), { type: 'module' });
}
