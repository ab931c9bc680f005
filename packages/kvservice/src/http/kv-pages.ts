/**
 * Keys over plain HTTP: `/kv/KEY` and `/kv`. Every server answers them, whatever its role.
 *
 * Writes and linearizable reads go to the primary through the gateway. Sequential reads are answered from this server's
 * own state if possible (L5). A conditional write is a `casRevision`, so it is atomic.
 */
import { type Method, type PageAnswer, type PageRequest, type Pages, UnderstudyError } from '@understudy/rpc';
import type { KVClient } from '../client.ts';
import type { GetResult, ScanResult } from '../contract.ts';
import { type Conditions, conditionsOf, etagOf, onlyRevision, preconditionFailed, unmet } from './conditions.ts';
import type { Gateway } from './gateway.ts';
import { LocalReads } from './local-reads.ts';
import { Patience } from './patience.ts';
import { type KeyQuery, type ListQuery, readKeyQuery, readListQuery, readWriteQuery } from './query.ts';

export interface KVPagesParts {
  /** The methods of this server. */
  readonly methods: Readonly<Record<string, Method>>;
  readonly gateway: Gateway;
  /** Returns the time in milliseconds, on the server's clock. */
  readonly now: () => number;
}

export function kvPages(parts: KVPagesParts): Pages {
  const pages = new KVPages(parts);
  return {
    '/kv': (request) => pages.list(request),
    '/kv/': {
      GET: (request) => pages.get(request),
      PUT: (request) => pages.put(request),
      DELETE: (request) => pages.delete(request),
    },
  };
}

class KVPages {
  readonly #gateway: Gateway;
  readonly #local: LocalReads;
  readonly #now: () => number;

  constructor({ methods, gateway, now }: KVPagesParts) {
    this.#gateway = gateway;
    this.#local = new LocalReads(methods);
    this.#now = now;
  }

  async get({ rest: key, query, headers, signal }: PageRequest): Promise<PageAnswer> {
    const conditions = conditionsOf(headers);
    const { value, revision } = await this.#read(key, readKeyQuery(query), signal);
    const present = value === null ? 0 : revision;
    const failed = conditions === undefined ? undefined : unmet(conditions, present);
    if (failed === 'match') throw preconditionFailed(present);
    if (value === null) throw keyNotFound();
    const tag = { ETag: etagOf(revision) };
    return failed === 'none-match' ? { status: 304, headers: tag } : { status: 200, body: value, headers: tag };
  }

  async put({ rest: key, query, headers, body, signal }: PageRequest): Promise<PageAnswer> {
    const conditions = conditionsOf(headers);
    const patience = new Patience(this.#now, readWriteQuery(query).timeoutMs, signal);
    const { revision } = await this.#gateway.pass(body.length, (kv) =>
      conditions === undefined
        ? kv.put(key, body, patience.options)
        : swap(kv, { key, conditions, value: body, patience }),
    );
    return { status: 200, body: { revision }, headers: { ETag: etagOf(revision) } };
  }

  async delete({ rest: key, query, headers, signal }: PageRequest): Promise<PageAnswer> {
    const conditions = conditionsOf(headers);
    const patience = new Patience(this.#now, readWriteQuery(query).timeoutMs, signal);
    const wasThere = await this.#gateway.pass(0, async (kv) => {
      if (conditions === undefined) return kv.delete(key, patience.options);
      const { before } = await swap(kv, { key, conditions, value: null, patience });
      return before !== 0;
    });
    if (!wasThere) throw keyNotFound();
    return { status: 204 };
  }

  async list({ query, signal }: PageRequest): Promise<PageAnswer> {
    const wanted = readListQuery(query);
    const { entries, more } = await this.#scan(wanted, signal);
    const last = entries.at(-1);
    const next = more && last !== undefined ? { next: nextPage(query, last.key) } : {};
    return { status: 200, body: { entries, more, ...next } };
  }

  async #read(key: string, { consistency, atLeast, timeoutMs }: KeyQuery, signal: AbortSignal): Promise<GetResult> {
    const patience = new Patience(this.#now, timeoutMs, signal);
    const pass = (): Promise<GetResult> =>
      this.#gateway.pass(0, (kv) => kv.read(key, { ...patience.options, atLeast }));
    return consistency === 'linearizable' ? pass() : this.#local.get({ key, atLeast }, pass);
  }

  async #scan(wanted: ListQuery, signal: AbortSignal): Promise<ScanResult> {
    const { consistency, atLeast, timeoutMs, prefix, limit, after } = wanted;
    const patience = new Patience(this.#now, timeoutMs, signal);
    const range = { prefix, limit, ...(after === undefined ? {} : { start: `${after}\u0000` }) };
    const pass = (): Promise<ScanResult> =>
      this.#gateway.pass(0, (kv) => kv.scanPage({ ...range, ...patience.options, atLeast }));
    return consistency === 'linearizable' ? pass() : this.#local.scan({ ...range, atLeast }, pass);
  }
}

interface Swap {
  readonly key: string;
  readonly conditions: Conditions;
  readonly value: string | null;
  readonly patience: Patience;
}

interface Swapped {
  readonly revision: number;
  /** The revision before; 0 if the key was absent. */
  readonly before: number;
}

/**
 * Reads the key and swaps it, until no other client changed it in between. A swap that finds another revision has done
 * nothing.
 */
async function swap(kv: KVClient, { key, conditions, value, patience }: Swap): Promise<Swapped> {
  let before = onlyRevision(conditions) ?? presentRevision(await kv.read(key, patience.options));
  for (;;) {
    if (unmet(conditions, before) !== undefined) throw preconditionFailed(before);
    const { swapped, revision, current } = await kv.casRevision(key, before, value, patience.options);
    if (swapped) return { revision, before };
    before = presentRevision({ value: current, revision });
  }
}

function presentRevision({ value, revision }: GetResult): number {
  return value === null ? 0 : revision;
}

function keyNotFound(): UnderstudyError {
  return new UnderstudyError('KEY_NOT_FOUND', 'there is no such key');
}

function nextPage(query: Readonly<Record<string, string>>, after: string): string {
  return `/kv?${new URLSearchParams({ ...query, after })}`;
}
