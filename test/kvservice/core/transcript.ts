/** Transcripts: scripts of hand-driven steps, with everything the replicas do about them written below each step. */

import type { Origin } from '../../../packages/kvservice/src/contract.ts';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import type { Operation } from '../../../packages/kvservice/src/core/operation.ts';
import { narrateEffect } from './narrator.ts';
import { Stage, viewOf } from './stage.ts';

/**
 * Runs the lines of a transcript that are steps (`> ...`) and comments (`# ...`) and returns the transcript with what happens.
 * Steps: `start A [run]`, `limits name=number ...` (before the first start), `view N primary=A backups=B,C syncing=C runs=B:2 to=A,B`,
 * `put A who key value [session seq acked]`, `append`, `open A who`, `get A who key [consistency]`, `turn A`, `tick A`, `wait MS`,
 * `deliver A B` (oldest letter from A to B), `lose A B`, `settle [A,B]`, `leave A`, `report A`, `status A`.
 */
export function runTranscript(text: string): string {
  const lines: string[] = [];
  const player = new Player();
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line === '') lines.push(line);
    if (!line.startsWith('> ')) continue;
    lines.push(line);
    for (const output of player.play(line.slice(2).trim().split(/\s+/))) lines.push(`  ${output}`);
  }
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()}\n`;
}

class Player {
  #stage = new Stage();

  play([verb = '', ...words]: string[]): string[] {
    const [server = '', ...rest] = words;
    const stage = this.#stage;
    switch (verb) {
      case 'limits':
        this.#stage = new Stage({ limits: Object.fromEntries(words.map(numberOption)) });
        return [];
      case 'start':
        stage.start(server, Number(rest[0] ?? 1));
        return [];
      case 'view':
        return this.#view(words);
      case 'wait':
        stage.now += Number(server);
        return [`it is ${stage.now}`];
      case 'put':
      case 'append':
        return this.#write(
          server,
          rest[0],
          { kind: verb, key: rest[1] ?? '', value: rest[2] ?? '' },
          originOf(rest.slice(3)),
        );
      case 'open':
        return this.#write(server, rest[0], { kind: 'openSession', client: rest[0] ?? '' });
      case 'get': {
        const consistency = rest[2] === 'linearizable' || rest[2] === 'sequential' ? rest[2] : undefined;
        const query = { kind: 'get', key: rest[1] ?? '' } as const;
        return say(server, stage.step(server, { kind: 'read', requester: rest[0], query, consistency }));
      }
      case 'turn':
        return say(server, stage.step(server, { kind: 'turn-end' }));
      case 'tick':
        return say(server, stage.step(server, { kind: 'tick' }));
      case 'leave':
        return say(server, stage.step(server, { kind: 'leave' }));
      case 'deliver':
        return say(rest[0] ?? '', stage.deliver(stage.take(server, rest[0] ?? '')));
      case 'lose':
        stage.lose(stage.take(server, rest[0] ?? ''));
        return [];
      case 'settle':
        return this.#settle(server === '' ? undefined : server.split(','));
      case 'report':
        return [JSON.stringify(stage.report(server))];
      case 'status':
        return [statusLine(stage, server)];
      default:
        throw new Error(`a transcript knows no step ${verb}`);
    }
  }

  #write(server: string, requester: string | undefined, operation: Operation, origin?: Origin): string[] {
    return say(server, this.#stage.step(server, { kind: 'write', requester, operation, origin }));
  }

  #view([viewnum, ...words]: string[]): string[] {
    const options = Object.fromEntries(words.map((word) => word.split('=') as [string, string]));
    const runs = Object.fromEntries(
      listOf(options.runs)
        .map((run) => run.split(':'))
        .map(([name, run]) => [name, Number(run)]),
    );
    const view = viewOf(Number(viewnum), options.primary ?? '', listOf(options.backups), listOf(options.syncing), runs);
    return listOf(options.to).flatMap((server) => say(server, this.#stage.pinged(server, view)));
  }

  /** Only what matters to people is told: messages between servers come in swarms. */
  #settle(among: string[] | undefined): string[] {
    return this.#stage
      .settle(among)
      .filter(({ kind }) => kind !== 'send' && kind !== 'answer')
      .map(narrateEffect);
  }
}

function say(server: string, effects: readonly Effect[]): string[] {
  return effects.length === 0
    ? [`${server} does nothing yet`]
    : effects.map((effect) => `${server} ${narrateEffect(effect)}`);
}

function statusLine(stage: Stage, server: string): string {
  const { role, view, ready, position, commitIndex, keys } = stage.replica(server).status();
  const log = `log ends at (${position.viewnum},${position.index})`;
  return `${server} is ${role} in view ${view.viewnum}, ${ready ? 'ready' : 'not ready'}, ${log}, committed ${commitIndex}, ${keys} keys`;
}

function originOf([session, seq, acked]: string[]): Origin | undefined {
  return session === undefined ? undefined : { session, seq: Number(seq), acked: Number(acked) };
}

function listOf(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split(',');
}

function numberOption(word: string): [string, number] {
  const [name = '', value] = word.split('=');
  return [name, Number(value)];
}
