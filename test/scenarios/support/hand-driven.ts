/** What hand-driven scenarios begin with: a pair of replicas on a stage, and words for what clients are told. */
import type { Limits } from '@understudy/kvservice';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import { type Letter, Stage, viewOf } from '../../kvservice/core/stage.ts';

/** A primary A and a backup B in an acknowledged view 2; C has started too, and has no seat. */
export function pair(limits: Partial<Limits> = {}): Stage {
  const stage = new Stage({ limits });
  for (const server of ['A', 'B', 'C']) {
    stage.start(server);
    stage.pinged(server, viewOf(1, 'A'));
  }
  stage.settle();
  for (const server of ['A', 'B']) stage.pinged(server, viewOf(2, 'A', ['B'], ['B']));
  stage.settle();
  for (const server of ['A', 'B']) stage.pinged(server, viewOf(2, 'A', ['B']));
  return stage;
}

export const append = (requester: string, token: string) =>
  ({ kind: 'write', requester, operation: { kind: 'append', key: 'log', value: token } }) as const;

export const put = (requester: string, key: string, value: string) =>
  ({ kind: 'write', requester, operation: { kind: 'put', key, value } }) as const;

/** What this requester was told, if anything. */
export function resultFor(
  requester: string,
  effects: readonly Effect[],
): Readonly<Record<string, unknown>> | undefined {
  for (const effect of effects) {
    if (effect.kind === 'result' && effect.requester === requester) return { ...effect.result };
    if (effect.kind === 'leased' && effect.read.requester === requester) return { ...effect.result };
  }
  return undefined;
}

/** Reads at the server that is primary, everybody of `among` helping. */
export function readAt(stage: Stage, server: string, key: string, among: readonly string[]): unknown {
  const requester = `read-${stage.now}-${key}`;
  const query = { kind: 'get', key } as const;
  const effects = [...stage.step(server, { kind: 'read', requester, query }), ...stage.settle(among)];
  return resultFor(requester, effects)?.value;
}

/** Time goes on, in ticks of 25 ms, everybody of `among` taking part. */
export function pass(stage: Stage, ms: number, among: readonly string[]): Effect[] {
  const effects: Effect[] = [];
  for (let passed = 0; passed < ms; passed += 25) {
    stage.now += 25;
    for (const server of among) effects.push(...stage.step(server, { kind: 'tick' }));
    effects.push(...stage.settle(among));
  }
  return effects;
}

/** All letters on that way. */
export function takeAll(stage: Stage, from: string, to: string): Letter[] {
  const letters = stage.mail.filter((letter) => letter.from === from && letter.to === to);
  for (const letter of letters) stage.mail.splice(stage.mail.indexOf(letter), 1);
  return letters;
}
