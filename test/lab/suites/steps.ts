/** Steps that the lab's tests share. */
import type { KVClient } from '@understudy/kvservice';
import { expect } from 'chai';
import type { Stage } from '../stage.ts';

/** How a test is played. */
export interface Play {
  readonly backups: number;
  /** Where requests and replies are lost; undefined: nowhere. */
  readonly unreliable?: 'servers' | 'everywhere' | undefined;
  /** What the lab does for a second is done for this many milliseconds. */
  readonly secondMs: number;
  /** Of the operations that the lab counts, this part is done. */
  readonly share: number;
}

/** A client that shows an absent key as "", as the lab's does. */
export async function read(kv: KVClient, key: string): Promise<string> {
  return (await kv.get(key)) ?? '';
}

export async function check(kv: KVClient, key: string, expected: string): Promise<void> {
  expect(await read(kv, key), `get ${key}`).to.equal(expected);
}

/** One of the tests that the lab plays on the same cluster one after the other; a failure says which. */
export async function part(name: string, play: () => Promise<void>): Promise<void> {
  try {
    await play();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Starts s1, s2, .. one by one and waits for a view of as many as there should be: s1 as primary, unless messages are lost. */
export async function startServers(
  stage: Stage,
  { backups, unreliable }: Play,
  count: number,
): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, index) => `s${index + 1}`);
  for (const name of names) {
    await stage.startServer(name);
    await stage.until(() => stage.view.primary !== '', 'a first view');
    await inSync(stage, Math.min(backups, names.indexOf(name)));
  }
  const expected = { primary: 's1', backups: names.slice(1, 1 + backups) };
  if (unreliable === undefined) expect(stage.view).to.deep.include(expected);
  return names;
}

/** Waits for a view with so many backups, all of which hold the data. */
export async function inSync(stage: Stage, backups: number): Promise<void> {
  await stage.until(() => stage.inSync && stage.view.backups.length === backups, `${backups} backups in sync`);
}

/** Kills the primary and waits until another server has its place: that one must have been a backup. */
export async function crashPrimary(stage: Stage): Promise<void> {
  const { primary, backups } = stage.view;
  await stage.crash(primary);
  await stage.until(() => stage.view.primary !== primary, `another primary than ${primary}`);
  expect(backups, 'the new primary was a backup').to.include(stage.view.primary);
}
