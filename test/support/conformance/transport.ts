/** What every Transport does. */
import type { Address, Transport } from '@understudy/rpc';
import type { Passage } from './passage.ts';

/** Two transports on one network, without faults. */
export interface TransportUnderTest extends Passage {
  /** The one that listens. */
  readonly server: Transport;
  /** The one that calls. */
  readonly client: Transport;
  /** Where `server` may listen; with port 0 where it is free to choose. */
  readonly listenAt: Address;
  /** Where nobody listens. */
  readonly nowhere: Address;
}

export function transportConformance(
  name: string,
  _setup: () => TransportUnderTest | Promise<TransportUnderTest>,
): void {
  describe(`Transport: ${name}`, () => {});
}
