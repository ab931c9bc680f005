/** Forged copies of real messages: a part has another type, or the copy names another server as its sender. */
import { addressOf } from '../simulation/cluster.ts';
import type { Message } from '../world/message.ts';
import type { Forger } from './forgery.ts';
import { mutationsOf } from './mutation.ts';
import { OVERHEARD_METHODS, type Overheard } from './overheard.ts';
import type { FaultStage } from './stage.ts';

/**
 * The copy carries its sender's secret. It is still refused as a whole, because the changed part has an impossible
 * type.
 */
const mutated: Forger = (stage, overheard) => {
  const message = pickFrom(stage, overheard);
  if (message === undefined) return undefined;
  const inner = [...mutationsOf(JSON.parse(message.text))].filter(({ path }) => path !== '');
  if (inner.length === 0) return undefined;
  const { path, message: params } = stage.random.pick(inner);
  const what = `a copy of a ${message.method} of ${message.from} with another ${path}`;
  return { what, to: message.to, method: message.method, params: params as object };
};

/**
 * The copy names another server. Half of the time it also has that server's incarnation, with the overheard secret,
 * which belongs to another server.
 */
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

/** Repeated so that copies come as often as invented messages. */
export const copies: readonly Forger[] = [...Array(6).fill(mutated), ...Array(4).fill(renamed)];

function pickFrom(stage: FaultStage, overheard: Overheard): Message | undefined {
  const heard = OVERHEARD_METHODS.map((method) => overheard.of(method)).filter(({ length }) => length > 0);
  return heard.length === 0 ? undefined : stage.random.pick(stage.random.pick(heard));
}
