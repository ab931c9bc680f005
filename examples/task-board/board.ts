/** The task board: an HTTP server whose state is all in the key/value service, so that any number of them may run, and any may die. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KVClient } from '@understudy/kvservice';
import { UnderstudyError } from '@understudy/rpc';
import { MonitorClient } from '@understudy/sysmonitor';
import { Live } from './live.ts';
import { createRoutes } from './routes.ts';
import { type Process, ServiceWatch } from './service-watch.ts';
import { TaskStore } from './task-store.ts';

export interface BoardOptions {
  /** Addresses of the monitors, as for KVClient. */
  readonly monitors: string | readonly string[];
  readonly host?: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Milliseconds after which an operation is given up. A failover takes half a second: several fit in. */
  readonly timeoutMs?: number;
  /** What the page shows of the processes behind it. */
  readonly processes?: () => readonly Process[];
}

export interface Board {
  readonly url: string;
  /** The processes behind it have changed. */
  tellStatus(): void;
  close(): Promise<void>;
}

/** The tasks that the page shows. */
const MAX_SHOWN = 500;
const SWEEP_INTERVAL_MS = 60 * 60 * 1_000;
/** Who is still sending a request when the board closes is cut off after this. */
const PATIENCE_MS = 1_000;

/** Resolves when it listens; rejects where it cannot. */
export async function startBoard(options: BoardOptions): Promise<Board> {
  const { monitors, host = '127.0.0.1', port, timeoutMs = 5_000, processes = () => [] } = options;
  const kv: KVClient = new KVClient({ monitors, timeout: timeoutMs, onNotice: (notice) => watch.note(notice) });
  const monitor = new MonitorClient({ monitors });
  const watch = new ServiceWatch({ kv, monitor, processes, onChange: () => live.tellStatus() });
  const store = new TaskStore(kv);
  const live = new Live({
    status: () => watch.status,
    check: () => watch.check(),
    tasks: () => store.list(MAX_SHOWN).catch(forgiveNoAnswer),
  });
  await watch.check(); // so that the first page has something to show
  const server = createServer(createRoutes({ store, watch, live }));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const sweeping = setInterval(() => void store.sweep().catch(forgiveNoAnswer), SWEEP_INTERVAL_MS);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}/`,
    tellStatus: () => live.tellStatus(),
    close: async () => {
      clearInterval(sweeping);
      const closed = new Promise((resolve) => server.close(resolve));
      const patience = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
      await Promise.all([kv.close(), monitor.close()]); // which ends what is under way
      await live.close();
      setImmediate(() => server.closeIdleConnections()); // the last answers are out then
      await closed;
      clearTimeout(patience);
    },
  };
}

/** The service did not answer: there will be a next time. Anything else is a defect. */
function forgiveNoAnswer(failure: unknown): undefined {
  if (!(failure instanceof UnderstudyError)) throw failure;
}
