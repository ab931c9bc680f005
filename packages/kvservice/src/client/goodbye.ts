/**
 * The end of a client's session: the client closes it itself, so that it takes no place in the servers' table until it expires (S5).
 *
 * This is an offer to the servers, and the client needs nothing of it. A session that could not be closed expires. So a failure is no
 * failure of `close()`, and a primary that is dead or far away holds it up for a fraction of a second at most.
 */
import { type Clock, type Transport, UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { viewTold } from './told-view.ts';

export interface GoodbyeParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly transport: Pick<Transport, 'call'>;
  /** The newest that the client knows. */
  readonly view: View;
}

/** A near primary answers within a few milliseconds. */
const PATIENCE_MS = 150;

export async function closeSession(session: string, { clock, transport, view }: GoodbyeParts): Promise<void> {
  const untilMs = clock.now() + PATIENCE_MS;
  let known: View | undefined = view;
  while (known !== undefined && known.primary !== '' && clock.now() < untilMs) {
    const timeoutMs = untilMs - clock.now();
    known = await newerView(transport.call(known.primary, 'kv.closeSession', { session }, { timeoutMs }), known);
  }
}

/** Undefined: the call was answered, or it failed in a way that another try would not mend (the server may be too old to know the method). */
async function newerView(call: Promise<unknown>, known: View): Promise<View | undefined> {
  try {
    await call;
    return undefined;
  } catch (failure) {
    if (!(failure instanceof UnderstudyError)) throw failure;
    const told = viewTold(failure);
    return told !== undefined && told.viewnum > known.viewnum ? told : undefined;
  }
}
