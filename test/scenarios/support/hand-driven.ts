/** What hand-driven scenarios use: words for what clients are told. */
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import type { Letter, Stage } from '../../kvservice/core/stage.ts';

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
