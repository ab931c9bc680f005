/** Where the processor's time goes: shares of it by the files that were on the stack, from samples that V8 takes. */
import { type Profiler, Session } from 'node:inspector/promises';

/** Takes samples while `body` runs. */
export async function profiled(body: () => Promise<void>): Promise<Samples> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    await body();
    const { profile } = await session.post('Profiler.stop');
    return new Samples(profile);
  } finally {
    session.disconnect();
  }
}

export class Samples {
  /** Of each sample the files on its stack. */
  readonly #stacks: readonly ReadonlySet<string>[];

  constructor({ nodes, samples = [] }: Profiler.Profile) {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
    const files = new Map<number, ReadonlySet<string>>();
    const filesOf = (id: number): ReadonlySet<string> => {
      const known = files.get(id);
      if (known !== undefined) return known;
      const parent = parents.get(id);
      const above = parent === undefined ? [] : filesOf(parent);
      const all = new Set([...above, byId.get(id)?.callFrame.url ?? '']);
      files.set(id, all);
      return all;
    };
    const isIdle = (id: number) => ['(idle)', '(program)'].includes(byId.get(id)?.callFrame.functionName ?? '');
    this.#stacks = samples.filter((id) => !isIdle(id)).map(filesOf);
  }

  /** The share of samples with such a file on the stack, from 0 to 1. Collecting garbage is nobody's. */
  share(file: RegExp): number {
    const having = this.#stacks.filter((files) => [...files].some((name) => file.test(name)));
    return having.length / Math.max(1, this.#stacks.length);
  }
}
