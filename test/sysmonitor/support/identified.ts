/** A server that is only an address: whoever asks there hears what it is said to be. */
import type { Identity } from '@understudy/sysmonitor';
import type { SimulatedWorld } from '@understudy/testkit';

/** Listens at `identity.server` in a process of its own. */
export async function listenAs(world: SimulatedWorld, identity: Identity): Promise<void> {
  const { transport } = world.process(`identity of ${identity.server}`).world;
  await transport.listen({
    address: identity.server,
    methods: { 'kv.identity': (_params, reply) => reply.result(identity) },
  });
}
