/**
 * The notation of the tables: pings, views and answers as short texts.
 *
 * A ping:  `A 0`  or  `A/a1 3 seq=7 at=3:105 priority=2 lost=B,C leaving knows=5:A,B* cluster=c`
 *          (server, run, viewnum, and what else it tells)
 * A view:  `2:A,B*`  (number, primary, backups; * for the ones that are syncing; an acknowledged one ends in ` ok`)
 */
import type { Ping, View } from '@understudy/sysmonitor';
import type { Answer } from '../../../packages/sysmonitor/src/core/monitor.ts';

/** The cluster that every monitor of the tables makes, unless a table says otherwise. */
export const CLUSTER = 'c';

export function pingOf(text: string): Ping {
  const [who = '', viewnum = '', ...rest] = text.split(' ');
  const [server = '', incarnation] = who.split('/');
  const told = new Map(rest.map((part) => part.split('=') as [string, string]));
  const number = (name: string) => (told.has(name) ? { [name]: Number(told.get(name)) } : {});
  const position = told.get('at')?.split(':').map(Number);
  const knows = told.get('knows');
  const cluster = told.get('cluster') ?? (knows === undefined ? undefined : CLUSTER);
  return {
    server,
    viewnum: Number(viewnum),
    ...(incarnation === undefined ? {} : { incarnation }),
    ...number('seq'),
    ...number('priority'),
    ...(position === undefined ? {} : { position: { viewnum: position[0] ?? 0, index: position[1] ?? 0 } }),
    ...(told.has('lost') ? { lost: told.get('lost')?.split(',') ?? [] } : {}),
    ...(told.has('leaving') ? { leaving: true } : {}),
    ...(cluster === undefined ? {} : { cluster }),
    ...(knows === undefined ? {} : { view: { ...viewOf(knows), cluster: cluster ?? CLUSTER } }),
  };
}

export function viewOf(text: string): View {
  const [number = '', names = ''] = text.split(':');
  const [primary = '', ...others] = names.split(',').filter((name) => name !== '');
  return {
    viewnum: Number(number),
    primary,
    backups: others.map((name) => name.replace('*', '')),
    syncing: others.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1)),
  };
}

export function viewText({ viewnum, primary, backups, syncing }: View): string {
  const marked = backups.map((backup) => (syncing.includes(backup) ? `${backup}*` : backup));
  return `${viewnum}:${[primary, ...marked].join(',')}`;
}

/** A view as above, or `RECOVERING A,B` with whom it waits for, or another failure's name. */
export function answerText(answer: Answer, acknowledged: boolean): string {
  if (answer.kind === 'view') return viewText(answer.view) + (acknowledged ? ' ok' : '');
  const { name, data } = answer.failure;
  const waitingFor = (data.waitingFor ?? []) as readonly string[];
  return [name, ...(waitingFor.length > 0 ? [waitingFor.join(',')] : [])].join(' ');
}
