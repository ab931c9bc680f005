/** A task board on a real loopback cluster, and what the tests say to it. */
import { request as httpRequest } from 'node:http';
import { type Cluster, startCluster } from '@understudy/testkit';
import { type Board, startBoard } from '../../examples/task-board/board.ts';
import type { Draft, Task } from '../../examples/task-board/task.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON of the body; undefined where there is none. */
  readonly body: unknown;
}

export interface Refused {
  readonly error: {
    readonly message: string;
    readonly field?: string;
    readonly definite?: boolean;
    readonly task?: Task;
  };
}

export class Stage implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly board: Board;

  private constructor(cluster: Cluster, board: Board) {
    this.cluster = cluster;
    this.board = board;
  }

  static async open({ servers = 2, timeoutMs = 5_000 } = {}): Promise<Stage> {
    const cluster = await startCluster({ servers });
    await cluster.waitUntilInSync();
    return new Stage(cluster, await startBoard({ monitors: cluster.monitors, port: 0, timeoutMs }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.board.close();
    await this.cluster.close();
  }

  url(path: string): string {
    return new URL(path, this.board.url).href;
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const type: Record<string, string> = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const response = await fetch(this.url(path), { method, headers: { ...type, ...headers }, ...sent });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text || undefined };
  }

  /** The status alone, with headers that `fetch` does not let one set. */
  statusWith(headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(this.url('/tasks'), { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject).end();
    });
  }

  async add(draft: Partial<Draft>, headers: Record<string, string> = {}): Promise<Task> {
    return (await this.ask('POST', '/tasks', draft, headers)).body as Task;
  }

  async list(query = ''): Promise<readonly Task[]> {
    return ((await this.ask('GET', `/tasks${query}`)).body as { readonly tasks: readonly Task[] }).tasks;
  }
}
