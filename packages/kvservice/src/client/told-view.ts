/** Reads the view that a server's failure carries, if it is valid. */
import { UnderstudyError } from '@understudy/rpc';
import { type View, viewOf } from '@understudy/sysmonitor';

export function viewTold(failure: UnderstudyError): View | undefined {
  if (failure.data.view === undefined) return undefined;
  try {
    return viewOf(failure.data.view);
  } catch (error) {
    if (error instanceof UnderstudyError) return undefined; // malformed; the client asks the monitor
    throw error;
  }
}
