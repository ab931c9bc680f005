/** The monitor's HTTP pages: its health and status, and a redirect of key requests to the primary. */
import { type PageAnswer, type PageRequest, type Pages, UnderstudyError } from '@understudy/rpc';
import type { Answer } from './core/monitor.ts';
import type { MonitorStatus } from './status.ts';

/** The pages show only state that is on disk (V9). */
export interface PagesParts {
  readonly status: () => Promise<MonitorStatus>;
  readonly view: () => Promise<Answer>;
}

export function pagesOf({ status, view }: PagesParts): Pages {
  const toPrimary = (request: PageRequest): Promise<PageAnswer> => redirect(request, view);
  return {
    '/health': async () => {
      const { phase, view } = await status();
      return { status: phase === 'serving' ? 200 : 503, body: { phase, viewnum: view.viewnum } };
    },
    '/status': async () => ({ status: 200, body: await status() }),
    '/cluster/status': async () => {
      const { view, acknowledged, waiting, servers } = await status();
      return { status: 200, body: { view, acknowledged, waiting, servers } };
    },
    '/kv': toPrimary,
    '/kv/': { GET: toPrimary, PUT: toPrimary, DELETE: toPrimary },
  };
}

/** A monitor holds no keys. Status 307 makes the client repeat the same method and body at the primary. */
async function redirect({ target }: PageRequest, view: PagesParts['view']): Promise<PageAnswer> {
  const answer = await view();
  if (answer.kind === 'failure') throw answer.failure;
  const { primary } = answer.view;
  if (primary === '') throw new UnderstudyError('NOT_READY', 'there is no primary yet');
  return { status: 307, headers: { Location: `http://${primary}${target}` } };
}
