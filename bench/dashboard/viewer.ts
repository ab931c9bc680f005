/** A process that looks at feeds as pages do, but reads as fast as it can, and counts what it gets. */
import { type IncomingMessage, request } from 'node:http';
import type { Orders, Received } from './message.ts';

let bytes = 0;
let samples = 0;

process.on('message', (orders: Orders | 'report') => {
  if (orders === 'report') report();
  else void Promise.all(orders.feeds.map(look)).then(() => process.send?.('looking'));
});
process.on('disconnect', () => process.exit());

/** Resolves with its first words. A feed that ends while somebody looks is not what is to be measured. */
function look(feed: string): Promise<void> {
  return new Promise((resolve) => {
    const read = (response: IncomingMessage): void => {
      if (response.statusCode !== 200) throw new Error(`${feed} answered ${response.statusCode}`);
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        resolve();
        bytes += text.length;
        samples += text.split('event: sample').length - 1;
      });
      response.on('close', () => {
        throw new Error(`${feed} ended`);
      });
    };
    request(feed, { agent: false }, read).end();
  });
}

/** Since the last time. */
function report(): void {
  const received: Received = { bytes, samples };
  bytes = 0;
  samples = 0;
  process.send?.(received);
}
