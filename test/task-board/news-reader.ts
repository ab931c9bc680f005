/** Listens to server-sent events, as a page does. */
interface News {
  readonly name: string;
  readonly data: unknown;
}

export class NewsReader implements AsyncDisposable {
  readonly #news: AsyncGenerator<News, void>;
  readonly #stop: AbortController;

  private constructor(news: AsyncGenerator<News, void>, stop: AbortController) {
    this.#news = news;
    this.#stop = stop;
  }

  static async open(url: string): Promise<NewsReader> {
    const stop = new AbortController();
    const { body } = await fetch(url, { signal: stop.signal });
    if (body === null) throw new Error('no events');
    return new NewsReader(read(body), stop);
  }

  /** The next of this name that fits; fails where the events end. */
  async next<Data>(name: string, fits: (data: Data) => boolean): Promise<Data> {
    for (;;) {
      const { value } = await this.#news.next();
      if (value === undefined) throw new Error(`the events ended without the ${name} that was waited for`);
      if (value.name === name && fits(value.data as Data)) return value.data as Data;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#news.return().catch(() => {});
  }
}

async function* read(body: ReadableStream<Uint8Array>): AsyncGenerator<News, void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const events = `${text}${decoder.decode(chunk, { stream: true })}`.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [, name = '', data = ''] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
      yield { name, data: JSON.parse(data) };
    }
  }
}
