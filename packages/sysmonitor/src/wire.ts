/**
 * Reads what arrives over the wire: pings, and the answers to them. Anyone who reaches the port can send a ping, so
 * every field is checked and bounded, and the members of a view must fit together. Every refusal names the field.
 */
import {
  fields,
  isIncarnation,
  isServerName,
  MAX_NAME,
  type Params,
  UnderstudyError,
  type Writable,
} from '@understudy/rpc';
import { type Identity, MAX_VIEWNUM, type Ping, type PingAnswer, type Position, type View } from './contract.ts';
import type { MonitorStatus } from './status.ts';

/** The most members that a view can have: a monitor allows at most a hundred backups. */
const MOST_MEMBERS = 101;
const CLUSTER = { nonEmpty: true, maxBytes: 255 } as const;
const SHORT = { maxBytes: 255 } as const;
const VIEWNUM = { max: MAX_VIEWNUM } as const;
const PRIORITY = { min: Number.MIN_SAFE_INTEGER } as const;

/** Reads the params of `sysmonitor.ping`. Throws INVALID_PARAMS, with `data.field`, if they are wrong. */
export function pingOf(params: Params): Ping {
  const view = params.view === undefined ? undefined : viewOf(params.view);
  const ping: Writable<Ping> = {
    server: nameOf(params, 'server'),
    viewnum: fields.whole(params, 'viewnum', VIEWNUM),
  };
  // An optional field that was left out must stay absent.
  if (params.incarnation !== undefined) ping.incarnation = incarnationOf(params, 'incarnation');
  if (params.secret !== undefined) ping.secret = fields.text(params, 'secret', SHORT);
  if (params.seq !== undefined) ping.seq = fields.whole(params, 'seq');
  if (params.cluster !== undefined) ping.cluster = fields.text(params, 'cluster', CLUSTER);
  if (params.position !== undefined) ping.position = positionOf(params);
  if (params.priority !== undefined) ping.priority = fields.whole(params, 'priority', PRIORITY);
  if (params.lost !== undefined) ping.lost = namesOf(params, 'lost');
  if (view !== undefined) ping.view = view;
  if (params.leaving !== undefined) ping.leaving = fields.boolean(params, 'leaving');
  return ping;
}

/**
 * (V11) Reads an incarnation from a peer: a UUID version 7, or "" for a server that names none, as in bare pings of the
 * 6.824 lab. Throws INVALID_PARAMS, with `data.field`, for anything else: a new run must be able to take a greater name
 * than the one it is told of, and other texts have no successor.
 */
export function incarnationOf(params: Params, field: string): string {
  const run = fields.text(params, field, SHORT);
  if (run !== '' && !isIncarnation(run)) throw invalid(field, `${field} must be a UUID version 7, or ""`);
  return run;
}

/** Reads a view from a peer. Throws INVALID_PARAMS, with `data.field` below `field`, if it is not a view. */
export function viewOf(value: unknown, field = 'view'): View {
  const told = isObject(value) ? value : fields.object({ [field]: value }, field);
  return within(field, () => {
    const view: Writable<View> = {
      viewnum: fields.whole(told, 'viewnum', VIEWNUM),
      primary: told.primary === '' ? '' : nameOf(told, 'primary'),
      backups: namesOf(told, 'backups'),
      syncing: namesOf(told, 'syncing'),
    };
    if (told.cluster !== undefined) view.cluster = fields.text(told, 'cluster', CLUSTER);
    if (told.incarnations !== undefined) view.incarnations = incarnationsOf(told);
    checkMembers(view);
    return view;
  });
}

/** Reads the result of `sysmonitor.ping`. */
export function pingAnswerOf(result: unknown): PingAnswer {
  const told = fields.object({ result }, 'result');
  const view = viewOf(told.view);
  return told.alone === true ? { view, alone: true } : { view };
}

/** Reads the result of `kv.identity`. */
export function identityOf(result: unknown): Identity {
  const told = fields.object({ identity: result }, 'identity');
  return {
    server: nameOf(told, 'server'),
    incarnation: incarnationOf(told, 'incarnation'),
    view: viewOf(told.view),
    isOwnSecret: fields.boolean(told, 'isOwnSecret'),
  };
}

/**
 * Reads the result of `sysmonitor.status`. Checks only the parts that decisions depend on; the rest is for people to
 * read.
 */
export function statusOf(result: unknown): MonitorStatus {
  const told = fields.object({ status: result }, 'status');
  viewOf(told.view);
  fields.oneOf(told, 'phase', ['listening', 'recovering', 'serving']);
  fields.boolean(told, 'acknowledged');
  fields.text(fields.object(told, 'waiting'), 'kind');
  for (const list of ['safe', 'servers', 'history']) {
    if (!Array.isArray(told[list])) throw invalid(list, `${list} must be a list`);
  }
  for (const server of told.servers as readonly unknown[]) fields.text(fields.object({ server }, 'server'), 'server');
  return told as unknown as MonitorStatus;
}

function positionOf(params: Params): Position {
  const told = fields.object(params, 'position');
  return within('position', () => ({
    viewnum: fields.whole(told, 'viewnum', VIEWNUM),
    index: fields.whole(told, 'index'),
  }));
}

/**
 * Returns the parsed object itself once every field is checked: a copy would have to handle a server called
 * `__proto__`.
 */
function incarnationsOf(told: Params): Readonly<Record<string, string>> {
  const incarnations = fields.object(told, 'incarnations');
  within('incarnations', () => {
    const servers = Object.keys(incarnations);
    if (servers.length > MOST_MEMBERS)
      throw invalid('incarnations', `incarnations names more than ${MOST_MEMBERS} servers`);
    for (const server of servers) incarnationOf(incarnations, server);
  });
  return incarnations as Readonly<Record<string, string>>;
}

function checkMembers({ viewnum, primary, backups, syncing }: View): void {
  if ((viewnum === 0) !== (primary === '')) throw invalid('primary', 'primary must be "" in view 0 and nowhere else');
  if (backups.some((server, place) => server === primary || backups.indexOf(server) !== place)) {
    throw invalid('backups', 'backups must name every server once, and not the primary');
  }
  if (syncing.some((server) => !backups.includes(server))) throw invalid('syncing', 'syncing must name backups only');
}

function nameOf(params: Params, field: string): string {
  const name = fields.text(params, field, { nonEmpty: true, maxBytes: 4 * MAX_NAME });
  if (!isServerName(name)) throw notAName(field);
  return name;
}

function namesOf(params: Params, field: string): readonly string[] {
  const names = fields.textList(params, field, { nonEmpty: true, maxBytes: 4 * MAX_NAME });
  if (names.length > MOST_MEMBERS) throw invalid(field, `${field} names more than ${MOST_MEMBERS} servers`);
  if (!names.every(isServerName)) throw notAName(field);
  return names;
}

function notAName(field: string): UnderstudyError {
  return invalid(field, `${field} must be HOST:PORT ([HOST]:PORT for IPv6), of at most ${MAX_NAME} characters`);
}

/** Prefixes field names of an inner object with the name of the outer one. */
function within<T>(outer: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnderstudyError) || typeof error.data.field !== 'string') throw error;
    const data = { ...error.data, field: `${outer}.${error.data.field}` };
    throw new UnderstudyError(error.name, `${outer}.${error.message}`, { data });
  }
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}

function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
