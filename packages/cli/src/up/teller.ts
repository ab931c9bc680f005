/**
 * What `understudy up` prints: the processes and their events, for people or for programs.
 *
 * The output is a log. A reader that stops reading, a full disk or a closed terminal must not delay the processes,
 * whose records arrive here. So lines that cannot be written are dropped, and a line says how many.
 */
import type { Clock } from '@understudy/rpc';
import { LAST_RECORDS_MS } from '../log.ts';
import { openDescriptor } from '../output/descriptor.ts';
import { LineWriter } from '../output/line-writer.ts';
import { asJson } from '../output.ts';
import { counted } from '../words.ts';
import type { Happening } from './cluster.ts';
import type { Member } from './seat.ts';
import { nameOf, Story } from './story.ts';

export interface Teller {
  /** `page` is the address of the web page, if there is one. */
  introduce(members: readonly Member[], page: string | undefined): void;
  tell(happening: Happening): void;
  /** Writes the waiting lines. False: not finished in time, and a write is still under way. */
  close(): Promise<boolean>;
}

export function openTeller(isForPrograms: boolean, clock: Clock): Teller {
  return isForPrograms ? new ForPrograms(clock) : new ForPeople(clock);
}

class ForPeople implements Teller {
  readonly #stdout: LineWriter;
  readonly #stderr: LineWriter;
  readonly #story: Story;

  constructor(clock: Clock) {
    this.#stdout = new LineWriter({ descriptor: openDescriptor(1), clock, gapInWords });
    this.#stderr = new LineWriter({ descriptor: openDescriptor(2), clock, gapInWords });
    const colours = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
    this.#story = new Story({ colours, write: (line) => this.#stdout.write(line), startMs: clock.wallNow() });
  }

  introduce(members: readonly Member[], page: string | undefined): void {
    for (const line of introduction(members).split('\n')) this.#stdout.write(line);
    if (page !== undefined) this.#stderr.write(`dashboard ${page}`);
  }

  tell(happening: Happening): void {
    this.#story.tell(happening);
  }

  async close(): Promise<boolean> {
    const areWritten = await Promise.all([this.#stdout, this.#stderr].map((each) => each.close(LAST_RECORDS_MS)));
    return !areWritten.includes(false);
  }
}

class ForPrograms implements Teller {
  readonly #stdout: LineWriter;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    const gap = (dropped: number, reason: string) => asJson({ kind: 'gap', atMs: clock.wallNow(), dropped, reason });
    this.#stdout = new LineWriter({ descriptor: openDescriptor(1), clock, gapInWords: gap });
  }

  introduce(members: readonly Member[], page: string | undefined): void {
    const dashboard = page === undefined ? {} : { dashboard: page };
    this.#stdout.write(asJson({ kind: 'up', atMs: this.#clock.wallNow(), members, ...dashboard }));
  }

  tell(happening: Happening): void {
    this.#stdout.write(asJson(happening));
  }

  close(): Promise<boolean> {
    return this.#stdout.close(LAST_RECORDS_MS);
  }
}

function gapInWords(dropped: number, reason: string): string {
  return `... ${counted(dropped, 'line')} could not be written (${reason})`;
}

function introduction(members: readonly Member[]): string {
  const [monitor] = members;
  const lines = members.map((member) => `  ${member.service.padEnd(8)} ${member.address}  pid ${member.pid}`);
  return `
${lines.join('\n')}

In another terminal:
  export UNDERSTUDY_MONITOR=${monitor?.address}
  npx understudy put greeting hello
  npx understudy get greeting
  npx understudy status
  kill -9 ${members[1]?.pid}        # ${nameOf(members[1] as Member)}: and get greeting again
Ctrl-C stops everything.
`;
}
