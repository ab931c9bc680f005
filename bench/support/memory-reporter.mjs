/** Loaded into a server that is measured (`--import`): tells its memory to the parent, who asks by the channel between them. */

process.on('message', (message) => {
  if (message?.kind !== 'memory') return;
  if (message.collected) globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rssBytes: rss, heapBytes: heapUsed, externalBytes: external });
});
