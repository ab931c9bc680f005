/** Copies of real messages, changed: a part of them has another type, or they come in the name of another server. */
import { addressOf } from '../simulation/cluster.ts';
import type { Message } from '../world/message.ts';
import type { Forger } from './forgery.ts';
import { mutationsOf } from './mutation.ts';
import { OVERHEARD_METHODS, type Overheard } from './overheard.ts';
import type { FaultStage } from './stage.ts';

/** Has its sender's secret, and is refused whole all the same: the part that was changed cannot be what it must be. */
const mutated: Forger = (stage, overheard) => {
  const message = pickFrom(stage, overheard);
  if (message === undefined) return undefined;
  const inner = [...mutationsOf(JSON.parse(message.text))].filter(({ path }) => path !== '');
  if (inner.length === 0) return undefined;
  const { path, message: params } = stage.random.pick(inner);
  const what = `a copy of a ${message.method} of ${message.from} with another ${path}`;
  return { what, to: message.to, method: message.method, params: params as object };
};

/** In another server's name; half of the time with that server's run, and the secret that was overheard, which is not its own. */
const renamed: Forger = (stage, overheard) => {
  const message = pickFrom(stage, overheard);
  if (message === undefined) return undefined;
  const other = stage.random.pick(stage.cluster.names.filter((name) => name !== message.from));
  const { incarnation } = stage.cluster.replica(other) ?? {};
  const original = JSON.parse(message.text);
  const params = { ...original, server: addressOf(other) };
  if (incarnation !== undefined && stage.random.chance(0.5)) params.incarnation = incarnation;
  const what = `a copy of a ${message.method} of ${message.from} in the name of ${other}`;
  return { what, to: message.to, method: message.method, params };
};

/** As many as there are of each, that they come as often as what is made up. */
export const copies: readonly Forger[] = [...Array(6).fill(mutated), ...Array(4).fill(renamed)];

function pickFrom(stage: FaultStage, overheard: Overheard): Message | undefined {
  const heard = OVERHEARD_METHODS.map((method) => overheard.of(method)).filter(({ length }) => length > 0);
  return heard.length === 0 ? undefined : stage.random.pick(stage.random.pick(heard));
}
