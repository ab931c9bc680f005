/** News for the pages that listen, as server-sent events: `status`, when it changes and once a second, and `tasks`, when they change. */
import type { ServerResponse } from 'node:http';
import type { ServiceStatus } from './service-watch.ts';

/** Others may write to the same service, so it is looked at again after so long: once for all pages, and only while there are any. */
const LOOK_AGAIN_MS = 1_000;
/** A page that reads so slowly is cut off, and comes back for the news of then. */
const MAX_UNREAD_BYTES = 4 * 1_024 * 1_024;

export interface LiveOptions {
  readonly status: () => ServiceStatus;
  /** Brings the status up to date. */
  readonly check: () => Promise<unknown>;
  /** Undefined where they cannot be read: the status says why. */
  readonly tasks: () => Promise<object | undefined>;
}

export class Live {
  readonly #options: LiveOptions;
  readonly #pages = new Set<ServerResponse>();
  #tasks = '';
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> | undefined;
  #isStale = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  add(page: ServerResponse): void {
    page.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', Connection: 'close' });
    page.on('close', () => this.#pages.delete(page));
    this.#pages.add(page);
    send(page, event('status', this.#options.status()));
    this.#tasks = ''; // so that this one gets them, too
    this.lookNow();
  }

  /** Tells at once how the service is. */
  tellStatus(): void {
    this.#tell(event('status', this.#options.status()));
  }

  /** Something may have changed. */
  lookNow(): void {
    this.#isStale = true;
    this.#look ??= this.#lookWhileStale().finally(() => {
      this.#look = undefined;
      if (this.#pages.size > 0) this.#timer = setTimeout(() => this.lookNow(), LOOK_AGAIN_MS);
    });
  }

  async close(): Promise<void> {
    for (const page of this.#pages) page.end();
    this.#pages.clear();
    await this.#look;
    clearTimeout(this.#timer);
  }

  async #lookWhileStale(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#isStale && this.#pages.size > 0) {
      this.#isStale = false;
      await this.#options.check();
      this.tellStatus();
      const list = await this.#options.tasks();
      const tasks = list === undefined ? this.#tasks : event('tasks', list);
      if (tasks !== this.#tasks) this.#tell(tasks);
      this.#tasks = tasks;
    }
  }

  #tell(text: string): void {
    for (const page of this.#pages) send(page, text);
  }
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function send(page: ServerResponse, text: string): void {
  if (page.writableLength > MAX_UNREAD_BYTES) page.destroy();
  else page.write(text);
}
