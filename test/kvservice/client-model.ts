/** What the servers of the client's tests hold: one map for all of them, and the sessions, by rules S1 to S5. */
import { type Params, UnderstudyError } from '@understudy/rpc';

export interface Effect {
  readonly method: string;
  readonly key: string;
  readonly value: unknown;
  readonly session: unknown;
  readonly seq: unknown;
}

interface Session {
  acked: number;
  readonly results: Map<number, object>;
}

export class ClientModel {
  readonly values = new Map<string, { readonly value: string; readonly revision: number }>();
  readonly sessions = new Map<string, Session>();
  /** Everything that changed something, in order; once for each time it did. */
  readonly effects: Effect[] = [];
  revision = 0;
  #opened = 0;

  /** The result, or the failure. */
  answer(method: string, params: Params): object | UnderstudyError {
    if (method === 'kv.openSession') return this.#openSession();
    if (method === 'kv.closeSession') return { closed: this.sessions.delete(String(params['session'])) };
    if (method === 'kv.get') return this.#get(String(params['key']));
    if (method === 'kv.scan') return this.#scan(params as ScanParams);
    return this.#once(method, params);
  }

  set(key: string, value: string): void {
    this.values.set(key, { value, revision: ++this.revision });
  }

  #openSession(): object {
    const session = `session-${++this.#opened}`;
    this.sessions.set(session, { acked: 0, results: new Map() });
    return { session };
  }

  #once(method: string, params: Params): object | UnderstudyError {
    const session = this.sessions.get(String(params['session']));
    if (session === undefined) return new UnderstudyError('SESSION_UNKNOWN', 'no such session');
    const seq = Number(params['seq']);
    if (seq <= session.acked) return new UnderstudyError('RESULT_DROPPED', 'that was acknowledged before');
    const remembered = session.results.get(seq);
    if (remembered !== undefined) return remembered;
    while (session.acked < Number(params['acked'])) session.results.delete(++session.acked);
    const result = this.#change(method, params);
    session.results.set(seq, result);
    return result;
  }

  #change(method: string, params: Params): object {
    const key = String(params['key']);
    const { value } = params;
    this.effects.push({ method, key, value, session: params['session'], seq: params['seq'] });
    const previous = this.values.get(key)?.value;
    switch (method) {
      case 'kv.put':
        this.set(key, String(value));
        return { revision: this.revision };
      case 'kv.append':
        this.set(key, (previous ?? '') + String(value));
        return { revision: this.revision };
      case 'kv.putHash':
        this.set(key, `hash of ${previous ?? ''}${String(value)}`);
        return { previous: previous ?? '', revision: this.revision };
      case 'kv.delete':
        this.revision++;
        return { deleted: this.values.delete(key), revision: this.revision };
      case 'kv.cas':
        return this.#cas(key, previous, params);
      default:
        throw new Error(`the model has no ${method}`);
    }
  }

  #cas(key: string, previous: string | undefined, { expected, revision, value }: Params): object {
    const swapped =
      revision === undefined
        ? (previous ?? null) === expected
        : (this.values.get(key)?.revision ?? 0) === Number(revision);
    if (swapped && value === null) this.values.delete(key);
    else if (swapped) this.set(key, String(value));
    return { swapped, revision: this.revision, current: this.values.get(key)?.value ?? null };
  }

  #get(key: string): object {
    const held = this.values.get(key);
    return held ?? { value: null, revision: this.revision };
  }

  #scan({ prefix = '', start = '', end, limit = 1_000, reverse = false }: ScanParams): object {
    const keys = [...this.values.keys()]
      .filter(
        (key) => key.startsWith(prefix) && byBytes(key, start) >= 0 && (end === undefined || byBytes(key, end) < 0),
      )
      .sort(byBytes);
    if (reverse) keys.reverse();
    const entries = keys.slice(0, limit).map((key) => ({ key, ...this.values.get(key) }));
    return { entries, more: keys.length > entries.length };
  }
}

interface ScanParams extends Params {
  readonly prefix?: string;
  readonly start?: string;
  readonly end?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
}

export function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
