/** TestConcurrentSameAppend: clients append to the same key at the same time. */
import { expect } from 'chai';
import type { Stage } from '../stage.ts';
import { Appends } from './appends.ts';
import { crashPrimary, inSync, type Play, startServers } from './steps.ts';

const CLIENTS = 3;
const LAB_APPENDS = 50;

/** Beside the lab's clients one more reads all the while. */
export async function concurrentAppend(stage: Stage, play: Play): Promise<void> {
  if (play.unreliable !== undefined) stage.unreliable(play.unreliable);
  await startServers(stage, play, 1 + play.backups);
  const appends = new Appends(stage, 'k');
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    const kv = stage.client(`client${client}`);
    for (let number = 0; number < LAB_APPENDS * play.share; number++) await appends.append(kv, client);
  });
  let isOver = false;
  const reader = readOn(stage, appends, () => isOver);
  await Promise.all(clients);
  isOver = true;
  await reader;

  const kv = stage.client('ck');
  const atPrimary = await appends.read(kv);
  appends.check(atPrimary);
  for (let left = play.backups; left > 0; left--) {
    await inSync(stage, left);
    await crashPrimary(stage);
    const atBackup = await appends.read(kv);
    expect(atBackup, `what ${stage.view.primary} holds`).to.equal(atPrimary);
    appends.check(atBackup);
  }
}

async function readOn(stage: Stage, appends: Appends, isOver: () => boolean): Promise<void> {
  const kv = stage.client('reader');
  while (!isOver()) {
    await appends.read(kv);
    await stage.sleep(stage.pingIntervalMs / 20);
  }
}
