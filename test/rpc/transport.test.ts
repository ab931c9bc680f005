/** The real transport is a Transport. */
import { realWorld } from '@understudy/rpc';
import { transportConformance } from '../support/conformance/index.ts';
import { realPassage } from './support/real-passage.ts';

transportConformance('JSON-RPC over sockets', () => {
  const server = realWorld({ onDefect: () => {} }).transport;
  const client = realWorld().transport;
  return {
    server,
    client,
    listenAt: '127.0.0.1:0',
    nowhere: '127.0.0.1:1',
    ...realPassage(async () => {
      await server.close();
    }),
  };
});
