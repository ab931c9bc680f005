/** The story of a local cluster: one readable line per event. */
import { styleText } from 'node:util';
import type { Level } from '@understudy/dashboard';
import { unreachable } from '@understudy/rpc';
import type { LogRecord } from '../log.ts';
import { printable } from '../output/printable.ts';
import { type Happening, RESTART_AFTER_MS } from './cluster.ts';
import type { Member } from './seat.ts';

type Style = Parameters<typeof styleText>[0];

export interface StoryOptions {
  readonly colours: boolean;
  readonly write: (line: string) => void;
  /** When the story begins, on the wall clock. */
  readonly startMs: number;
}

export class Story {
  readonly #options: StoryOptions;
  /** The role last reported, by address. */
  readonly #roles = new Map<string, string>();

  constructor(options: StoryOptions) {
    this.#options = options;
  }

  tell(happening: Happening): void {
    switch (happening.kind) {
      case 'started':
        if (happening.again) this.#line(happening, `started again (pid ${happening.member.pid})`, 'cyan');
        return;
      case 'log':
        return this.#tellRecord(happening);
      case 'ended':
        this.#roles.delete(happening.member.address);
        return this.#line(happening, ended(happening), 'red');
      case 'not-restarted':
        return this.#line(happening, `could not be started again: ${happening.reason}`, 'red');
      default:
        return unreachable(happening);
    }
  }

  #tellRecord(happening: Happening & { kind: 'log' }): void {
    const { member, record } = happening;
    if (record.notice?.kind !== 'view' || member.service === 'monitor') {
      return this.#line(happening, record.text, styleOf(record));
    }
    // The monitor has reported the view. Of the servers, only a change of role is worth a line.
    const { role } = record.notice as { readonly kind: 'view'; readonly role: string };
    if ((this.#roles.get(member.address) ?? 'idle') === role) return;
    this.#roles.set(member.address, role);
    this.#line(happening, `is ${role} now`, 'green');
  }

  #line({ atMs, member }: Happening, text: string, style: Style | undefined): void {
    const { colours, write, startMs } = this.#options;
    const paint = (as: Style | undefined, words: string) =>
      colours && as !== undefined ? styleText(as, words) : words;
    const time = `${((atMs - startMs) / 1_000).toFixed(3).padStart(9)} s`;
    write(`${paint('dim', `${time}  ${nameOf(member).padEnd(NAME_WIDTH)}`)}  ${paint(style, printable(text))}`);
  }
}

/** For example "server 7001": on one machine, the port is enough. */
export function nameOf({ service, address }: Member): string {
  return `${service} ${address.split(':').at(-1)}`;
}

const NAME_WIDTH = 'monitor 65535'.length;

const STYLES: Readonly<Record<Level, Style | undefined>> = {
  debug: 'dim',
  info: undefined,
  warn: 'yellow',
  error: 'red',
};

function styleOf({ level, notice }: LogRecord): Style | undefined {
  return notice?.kind === 'view' ? 'bold' : STYLES[level];
}

function ended({ member, end, restarts }: Happening & { kind: 'ended' }): string {
  const how = end.signal === null ? `ended with exit code ${end.code}` : `died of ${end.signal}`;
  const words = end.lastWords === '' ? '' : `, its last words: ${end.lastWords}`;
  const as = restarts === 'empty' ? ', empty,' : '';
  const next = restarts === 'no' ? '' : `; starts again${as} in ${RESTART_AFTER_MS / 1_000} s`;
  return `${how} (pid ${member.pid})${words}${next}`;
}
