/** The pages of a replay: the files of the dashboard, and the trace that they play. */
import { pageFiles } from '@understudy/dashboard';
import type { PageAnswer, PageRequest, Pages } from '@understudy/rpc';
import type { Trace } from './trace.ts';

/**
 * `/replay/trace`: a summary of the file, as JSON. `/replay/events?block=N`: one event per line; messages come without
 * their text. `/replay/event?event=N`: one event as the file contains it.
 */
export function tracePages(trace: Trace): Pages {
  const { start, events, lastAt, missing, blocks } = trace.index;
  const summary = { name: trace.name, start, events, lastAt, missing, blocks: blocks.length };
  return {
    ...pageFiles({ nodes: async () => [], start: 'replay.html' }),
    '/replay/trace': () => ({ status: 200, body: summary }),
    '/replay/events': async (request) => lines(await trace.block(placeIn(request, 'block'))),
    '/replay/event': async (request) => lines(await trace.event(placeIn(request, 'event'))),
  };
}

function lines(body: string): PageAnswer {
  return { status: 200, body, headers: { 'Content-Type': 'application/x-ndjson; charset=utf-8' } };
}

/** Greater than any place if the field is not a number. */
function placeIn({ query }: PageRequest, field: string): number {
  const text = query[field] ?? '';
  return /^\d{1,12}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
