/** What a test looks for among the messages of the network: predicates, and hooks that act at the exact moment. */
import type { Interceptor, Message, SimulatedWorld, Verdict } from '@understudy/testkit';

export interface Wanted {
  readonly method?: string;
  readonly kind?: Message['kind'];
  readonly from?: string;
  readonly to?: string;
  /** The text holds this. */
  readonly holding?: string;
}

export function isWanted(message: Message, { method, kind, from, to, holding }: Wanted): boolean {
  return (
    (method === undefined || message.method === method) &&
    (kind === undefined || message.kind === kind) &&
    (from === undefined || message.from === from) &&
    (to === undefined || message.to === to) &&
    (holding === undefined || message.text.includes(holding))
  );
}

/** Prepares that carry an entry; heartbeats carry none. */
export function carriesEntries({ method, kind, text }: Message): boolean {
  return method === 'kv.prepare' && kind === 'request' && !text.includes('"entries":[]');
}

/** Every message that has to do with bringing a backup up to date, or with keeping it so. */
export function isReplication({ method }: Message): boolean {
  return method === 'kv.prepare' || method === 'kv.chunk';
}

/** Drops, holds, ... whatever is wanted, until it is removed. */
export function whenever(world: SimulatedWorld, wanted: Wanted, verdict: Verdict): Interceptor {
  return world.network.intercept((message) => (isWanted(message, wanted) ? verdict : undefined));
}

export interface Moment {
  /** The action has run. */
  readonly came: boolean;
}

/** Runs `action` the `count`th time that such a message leaves; what it returns becomes of the message. */
export function atMessage(
  world: SimulatedWorld,
  matches: (message: Message) => boolean,
  action: (message: Message) => Verdict,
  count = 1,
): Moment {
  const moment = { came: false };
  let seen = 0;
  const interceptor = world.network.intercept((message) => {
    if (moment.came || !matches(message)) return undefined;
    seen += 1;
    if (seen < count) return undefined;
    moment.came = true;
    interceptor.remove();
    return action(message);
  });
  return moment;
}
