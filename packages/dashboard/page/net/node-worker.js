/** The worker's script: listens to one node, or sends it one request, and passes the results to the page. */

/** @import { Request } from './reach.js' */
/** @import { Told } from './worker-source.js' */
/** @typedef {{ readonly kind: 'listen', readonly url: string } | { readonly kind: 'ask', readonly url: string, readonly request: Request }} Order */

const EVENTS = ['hello', 'notice', 'sample'];
const state = { isNamed: true };

addEventListener('securitypolicyviolation', () => {
  state.isNamed = false;
});
addEventListener('message', ({ data }) => {
  const order = /** @type {Order} */ (data);
  if (order.kind === 'listen') listen(order.url);
  else void ask(order.url, order.request);
});

/** @param {string} url */
function listen(url) {
  const source = new EventSource(url);
  for (const name of EVENTS) source.addEventListener(name, ({ data }) => tell({ kind: 'event', name, data }));
  source.addEventListener('error', () => {
    source.close();
    // The browser reports a violated policy in a task of its own.
    setTimeout(() => tell({ kind: 'error', isNamed: state.isNamed }));
  });
}

/** @param {string} url @param {Request} request */
async function ask(url, request) {
  try {
    const response = await fetch(url, { ...request, cache: 'no-store' });
    const answer = { status: response.status, text: await response.text(), tag: response.headers.get('ETag') };
    tell({ kind: 'answer', answer });
  } catch {
    tell({ kind: 'error', isNamed: state.isNamed });
  }
}

/** @param {Told} told */
function tell(told) {
  postMessage(told);
}
