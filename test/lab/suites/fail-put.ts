/** TestFailPut: a put at the very moment at which a server has died. */
import { expect } from 'chai';
import type { Stage } from '../stage.ts';
import { check, crashPrimary, inSync, type Play, part, startServers } from './steps.ts';

/** With one idle server, which takes the place of the backup that dies first. */
export async function failPut(stage: Stage, play: Play): Promise<void> {
  const names = await startServers(stage, play, 2 + play.backups);
  const kv = stage.client('ck');
  for (const key of ['a', 'b', 'c']) {
    await kv.put(key, `${key}${key}`);
    await check(kv, key, `${key}${key}`);
  }
  await part('Put() immediately after backup failure', async () => {
    await stage.crash('s2');
    await kv.put('a', 'aaa');
    await check(kv, 'a', 'aaa');
    await stage.until(() => !stage.view.backups.includes('s2'), 'a view without s2');
    await inSync(stage, play.backups);
    expect(stage.view.primary).to.equal('s1');
    expect(stage.view.backups).to.have.members(names.slice(2));
    await check(kv, 'a', 'aaa');
  });
  await part('Put() immediately after primary failure', async () => {
    await stage.crash('s1');
    await kv.put('b', 'bbb');
    await check(kv, 'b', 'bbb');
    await stage.until(() => stage.view.primary !== 's1', 'another primary than s1');
    await check(kv, 'a', 'aaa');
    await check(kv, 'b', 'bbb');
    await check(kv, 'c', 'cc');
  });
}

/** Not in the lab: nobody takes the dead backup's place, the primary goes on alone, and a new server frees it from that. */
export async function failPutAlone(stage: Stage, play: Play): Promise<void> {
  await startServers(stage, play, 1 + play.backups);
  const kv = stage.client('ck');
  await kv.put('a', 'aa');
  for (let left = play.backups; left > 0; left--) {
    const [backup = ''] = stage.view.backups;
    await stage.crash(backup);
    await kv.put(`left ${left}`, backup);
    await check(kv, `left ${left}`, backup);
    await inSync(stage, left - 1);
  }
  expect(stage.view).to.deep.include({ primary: 's1', backups: [] });
  await kv.put('b', 'bb');
  await check(kv, 'a', 'aa');
  await stage.startServer('s9');
  await inSync(stage, 1);
  await crashPrimary(stage);
  expect(stage.view.primary).to.equal('s9');
  await check(kv, 'a', 'aa');
  await check(kv, 'b', 'bb');
  await kv.put('b', 'bbb');
  await check(kv, 'b', 'bbb');
}
