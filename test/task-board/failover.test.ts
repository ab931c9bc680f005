import { expect } from 'chai';
import { startBoard } from '../../examples/task-board/board.ts';
import type { ServiceStatus } from '../../examples/task-board/service-watch.ts';
import type { Task } from '../../examples/task-board/task.ts';
import { eventually } from '../cli/command.ts';
import { LossyProxy } from './lossy-proxy.ts';
import { MuteService } from './mute-service.ts';
import { NewsReader } from './news-reader.ts';
import { type Refused, Stage } from './stage.ts';

type Save = (
  method: string,
  url: string,
  what?: { readonly body?: object; readonly version?: number },
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** As the page does it. */
const PAGE = new URL('../../examples/task-board/page/saving.js', import.meta.url).href;

describe('the task board when a server dies', () => {
  it('loses no change and makes none twice, though answers get lost, too, and users just ask again', async () => {
    const { save } = (await import(PAGE)) as { readonly save: Save };
    await using stage = await Stage.open({ servers: 3 });
    await using proxy = new LossyProxy(stage.board.url, 5);
    const base = await proxy.listen();
    let killed: Promise<string> | undefined;
    const user = async (name: string): Promise<void> => {
      for (let number = 0; number < 6; number += 1) {
        if (number === 2) killed ??= stage.cluster.kill('primary');
        const title = `${number} of ${name}`;
        const made = await save('POST', `${base}/tasks`, { body: { title } });
        const { id, version } = made.body as Task;
        const moved = await save('PUT', `${base}/tasks/${id}`, { body: { status: 'done' }, version });
        expect(moved).to.deep.include({ status: 200 });
        if (number % 3 === 0) await save('DELETE', `${base}/tasks/${id}`, { version: version + 1 });
      }
    };
    await Promise.all(['Ada', 'Grace', 'Edsger', 'Barbara'].map(user));
    const victim = await killed;
    const expected = ['Ada', 'Grace', 'Edsger', 'Barbara'].flatMap((name) =>
      [1, 2, 4, 5].map((it) => `${it} of ${name}`),
    );
    const tasks = await stage.list();
    expect(tasks.map(({ title }) => title).sort()).to.deep.equal(expected.sort());
    for (const task of tasks) expect(task, 'moved once').to.deep.include({ status: 'done', version: 2 });
    expect(proxy.lost).to.be.above(10);
    expect(stage.cluster.primary).not.to.equal(victim);
  });

  it('tells its pages at once, and when it goes on', async () => {
    await using stage = await Stage.open({ servers: 3 });
    await using news = await NewsReader.open(stage.url('/events'));
    const former = stage.cluster.primary;
    const roleOf = ({ members }: ServiceStatus, address: string) => members.find((it) => it.address === address)?.role;
    const before = await news.next<ServiceStatus>('status', ({ state }) => state === 'serving');
    expect(roleOf(before, former)).to.equal('primary');
    await stage.cluster.kill('primary');
    await news.next<ServiceStatus>('status', ({ state, monitorAnswers }) => state === 'failing over' && monitorAnswers);
    const after = await news.next<ServiceStatus>('status', ({ state }) => state === 'serving');
    expect(roleOf(after, stage.cluster.primary)).to.equal('primary');
    expect(stage.cluster.primary).not.to.equal(former);
    expect((await stage.ask('GET', '/status')).body).to.deep.include({ state: 'serving' });
  });

  it('shows what comes by way of another board', async () => {
    await using stage = await Stage.open();
    const other = await startBoard({ monitors: stage.cluster.monitors, port: 0 });
    await using news = await NewsReader.open(new URL('/events', other.url).href);
    await stage.add({ title: 'seen everywhere' });
    await news.next<{ readonly tasks: readonly Task[] }>('tasks', ({ tasks }) => tasks[0]?.title === 'seen everywhere');
    await other.close();
  });

  it('says so when nothing was changed, as long as nobody answers', async () => {
    await using stage = await Stage.open({ timeoutMs: 300 });
    await stage.add({ title: 'one' });
    await Promise.all(stage.cluster.servers.map(({ address }) => stage.cluster.kill(address)));
    const refused = await stage.ask('POST', '/tasks', { title: 'two' });
    expect(refused.status).to.equal(503);
    expect(refused.headers.get('retry-after')).to.equal('1');
    expect((refused.body as Refused).error).to.include({ definite: true });
    expect((refused.body as Refused).error.message).to.contain('nothing was changed');
    expect((await stage.ask('GET', '/tasks')).status).to.equal(503);
    expect(await stage.ask('GET', '/health')).to.deep.include({ status: 503, body: { state: 'failing over' } });
  });

  it('says so when it is not known whether a change was made, and how to make sure', async () => {
    await using service = new MuteService();
    await service.listen();
    const board = await startBoard({ monitors: service.address, port: 0, timeoutMs: 2_000 });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(new URL('/tasks', board.url), { method: 'POST', headers, body: '{"title":"one"}' });
    expect(answer.status).to.equal(503);
    const { error } = (await answer.json()) as Refused;
    expect(error).to.include({ definite: false });
    expect(error.message).to.contain('not known whether').and.contain('Idempotency-Key');
    await board.close();
  });

  it('closes while a request waits for the service, and answers it', async () => {
    await using stage = await Stage.open({ timeoutMs: 60_000 });
    await Promise.all(stage.cluster.servers.map(({ address }) => stage.cluster.kill(address)));
    const asked = stage.ask('POST', '/tasks', { title: 'one' });
    await eventually('it waits', async () => (await stage.ask('GET', '/health')).status === 503);
    await stage.board.close();
    expect((await asked).status).to.equal(503);
  });
});
