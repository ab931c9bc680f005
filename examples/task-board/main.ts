/**
 * A replicated task board: starts a cluster of real processes and the application on it. Run it with `npm run task-board`, open the page, and
 * kill a server with `kill -9`.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { type Board, startBoard } from './board.ts';
import { LocalCluster } from './local-cluster.ts';

const HELP = `Usage: npm run task-board -- [options]

A task board whose tasks survive the servers that hold them: http://127.0.0.1:8000/

  --port N           port of the board, 0: any that is free (default 8000)
  --host HOST        address that it listens at (default 127.0.0.1); there is no login: whoever reaches it may do everything
  --monitor ADDRESS  use the cluster with this monitor, HOST:PORT, and start none; so several boards can share their tasks
  --help             this text

Ctrl-C stops the board and its cluster. The tasks are in the servers' memory: they survive any one of them, not the end of all.`;

interface Options {
  readonly host: string;
  readonly port: number;
  readonly monitor: string | undefined;
}

const options = readOptions();
if (options !== undefined) await run(options);

/** Undefined where there is nothing to run. */
function readOptions(): Options | undefined {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { port: text, host: text, monitor: text, help: { type: 'boolean' } } });
    if (values.help === true) return void console.log(HELP);
    const port = Number(values.port ?? 8_000);
    if (!/^\d+$/.test(values.port ?? '0') || port > 65_535) throw new Error('--port must be a number from 0 to 65535');
    return { port, host: values.host ?? '127.0.0.1', monitor: values.monitor };
  } catch (error) {
    console.error(`task-board: ${(error as Error).message}; --help says more`);
    process.exitCode = 2;
    return undefined;
  }
}

async function run({ host, port, monitor }: Options): Promise<void> {
  const told = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), endOfNpm()]);
  process.on('SIGINT', () => {}); // npm passes Ctrl-C on, so that it comes twice
  let board: Board | undefined;
  const cluster = monitor === undefined ? new LocalCluster(() => board?.tellStatus()) : undefined;
  try {
    const monitors = monitor ?? (await Promise.race([cluster?.started, told.then(() => undefined)]));
    if (monitors === undefined) return;
    board = await startBoard({ monitors, host, port, processes: () => cluster?.processes ?? [] });
    console.log(introduction(board, monitors, cluster));
    const ended = cluster?.ended.then((words) => Promise.reject(new Error(`the cluster ended: ${words}`)));
    await Promise.race([told, ...(ended === undefined ? [] : [ended])]);
  } catch (error) {
    console.error(`task-board: ${(error as Error).message}`);
    process.exitCode = 1;
  } finally {
    await board?.close();
    await cluster?.stop();
  }
}

/** SIGTERM ends npm without reaching us: then the shell between npm and us is gone, and we have another parent. */
function endOfNpm(): Promise<void> {
  return new Promise((resolve) => {
    if (process.env.npm_lifecycle_event === undefined) return;
    const parent = process.ppid;
    setInterval(() => process.ppid !== parent && resolve(), 500).unref();
  });
}

function introduction({ url }: Board, monitors: string, cluster: LocalCluster | undefined): string {
  const processes = cluster?.processes ?? [];
  const lines = processes.map(({ service, address, pid }) => `  ${service.padEnd(8)} ${address}  pid ${pid}`);
  const primary = processes.find(({ service }) => service === 'server');
  return `
The task board is at ${url} (its monitor at ${monitors}).
${lines.join('\n')}

In another terminal:
  curl ${url}tasks -H 'Content-Type: application/json' -d '{"title":"Feed the cat"}'
  curl ${url}tasks
${primary === undefined ? '' : `  kill -9 ${primary.pid}        # the primary: and go on\n`}Ctrl-C stops everything.
`;
}
