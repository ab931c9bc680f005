/**
 * Closes a client's session, so that it does not occupy a place in the servers' table until it expires (S5).
 *
 * This only helps the servers; the client does not depend on it, because a session that could not be closed expires. A
 * failure here is therefore not a failure of `close()`, and a primary that is dead or far away delays it by a fraction
 * of a second at most.
 */
import { type Clock, type Transport, UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { viewTold } from './told-view.ts';

export interface GoodbyeParts {
  readonly clock: Pick<Clock, 'now'>;
  readonly transport: Pick<Transport, 'call'>;
  /** The newest view that the client knows. */
  readonly view: View;
}

/** A primary nearby answers within a few milliseconds. */
const PATIENCE_MS = 150;

export async function closeSession(session: string, { clock, transport, view }: GoodbyeParts): Promise<void> {
  const untilMs = clock.now() + PATIENCE_MS;
  let known: View | undefined = view;
  while (known !== undefined && known.primary !== '' && clock.now() < untilMs) {
    const timeoutMs = untilMs - clock.now();
    known = await newerView(transport.call(known.primary, 'kv.closeSession', { session }, { timeoutMs }), known);
  }
}

/**
 * Returns the newer view named by the failure. Undefined if the call was answered, or failed in a way that a retry
 * would not fix (the server may be too old to know the method).
 */
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
