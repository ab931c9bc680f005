import { expect } from 'chai';
import type { Task } from '../../examples/task-board/task.ts';
import { TaskStore } from '../../examples/task-board/task-store.ts';
import { type Answer, type Refused, Stage } from './stage.ts';

const NEVER_MADE = '000000000-000000000000';

function refused({ status, body }: Answer): Refused['error'] & { readonly status: number } {
  return { status, ...(body as Refused).error };
}

describe('the task board over HTTP', () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage[Symbol.asyncDispose]());
  beforeEach(async () => {
    for (const { id } of await stage.list()) await stage.ask('DELETE', `/tasks/${id}`);
  });

  describe('a cell that something else has written', () => {
    const others: readonly (readonly [what: string, text: string])[] = [
      ['no JSON', 'mine'],
      ['JSON of another shape', '{"kind":"task","task":{"id":"1"}}'],
      ['null', 'null'],
      ['the task of another key', JSON.stringify({ kind: 'task', task: { id: NEVER_MADE, version: 1 } })],
    ];
    for (const [what, text] of others) {
      it(`${what}: the list goes on without it, a request for it is refused, and it stays as it is`, async () => {
        const kv = stage.cluster.client();
        const { id } = (await stage.ask('POST', '/tasks', { title: 'kept' })).body as Task;
        const foreign = '000000000-0000000000ff';
        await kv.put(`task/${foreign}`, text);
        await kv.put('request/taken', text);
        expect((await stage.list()).map((task) => task.id)).to.deep.equal([id]);
        const message = `what is stored for task ${foreign} was not written by a task board; it was left as it is`;
        for (const [method, body] of [['GET'], ['PUT', { title: 'x' }], ['DELETE']] as const) {
          expect(refused(await stage.ask(method, `/tasks/${foreign}`, body)), method).to.deep.equal({
            status: 409,
            message,
          });
        }
        const again = await stage.ask('POST', '/tasks', { title: 'x' }, { 'Idempotency-Key': 'taken' });
        expect(refused(again)).to.deep.include({ status: 409, field: 'Idempotency-Key' });
        await new TaskStore(kv).sweep();
        expect([await kv.get(`task/${foreign}`), await kv.get('request/taken')]).to.deep.equal([text, text]);
        expect((await stage.ask('GET', '/health')).status).to.equal(200);
        await kv.delete(`task/${foreign}`);
        await kv.delete('request/taken');
      });
    }
  });

  it('makes, shows, changes and deletes a task', async () => {
    const made = await stage.ask('POST', '/tasks', { title: '  Feed the cat ' });
    const task = made.body as Task;
    expect(made.status).to.equal(201);
    expect(made.headers.get('location')).to.equal(`/tasks/${task.id}`);
    expect(made.headers.get('etag')).to.equal('"1"');
    expect(task).to.deep.include({ title: 'Feed the cat', note: '', status: 'todo', version: 1 });

    const changed = await stage.ask('PUT', `/tasks/${task.id}`, { status: 'done', note: 'twice' });
    expect(changed).to.deep.include({ status: 200 });
    expect(changed.headers.get('etag')).to.equal('"2"');
    expect(changed.body).to.deep.include({
      id: task.id,
      title: 'Feed the cat',
      note: 'twice',
      status: 'done',
      version: 2,
    });
    expect((await stage.ask('GET', `/tasks/${task.id}`)).body).to.deep.equal(changed.body);
    expect(await stage.list()).to.deep.equal([changed.body]);

    expect((await stage.ask('DELETE', `/tasks/${task.id}`)).status).to.equal(204);
    expect(await stage.list()).to.deep.equal([]);
    expect((await stage.ask('GET', `/tasks/${task.id}`)).status).to.equal(410);
    expect((await stage.ask('PUT', `/tasks/${task.id}`, { title: 'again' })).status).to.equal(410);
    expect((await stage.ask('DELETE', `/tasks/${task.id}`)).status, 'deleting twice is no fault').to.equal(204);
  });

  it('lists the tasks in the order in which they were made, page by page', async () => {
    const made: Task[] = [];
    for (let number = 1; number <= 5; number += 1) {
      made.push(await stage.add({ title: `task ${number}` }));
      await new Promise((resolve) => setTimeout(resolve, 2)); // ids tell milliseconds apart
    }
    await stage.ask('DELETE', `/tasks/${made[2]?.id}`);
    const titles = (tasks: readonly Task[]) => tasks.map(({ title }) => title);
    expect(titles(await stage.list())).to.deep.equal(['task 1', 'task 2', 'task 4', 'task 5']);
    const first = (await stage.ask('GET', '/tasks?limit=3')).body as { readonly tasks: Task[]; readonly more: boolean };
    expect(titles(first.tasks)).to.deep.equal(['task 1', 'task 2', 'task 4']);
    expect(first.more).to.equal(true);
    const rest = await stage.ask('GET', `/tasks?limit=3&after=${first.tasks[2]?.id}`);
    expect(rest.body).to.deep.equal({ tasks: [made[4]], more: false });
  });

  it('makes one task of a POST that comes again with its Idempotency-Key, whatever has become of the task', async () => {
    const key = { 'Idempotency-Key': 'a-key' };
    const draft = { title: 'Pay the rent' };
    const first = await stage.ask('POST', '/tasks', draft, key);
    const again = await stage.ask('POST', '/tasks', draft, key);
    expect([first.status, again.status]).to.deep.equal([201, 200]);
    expect(again.body).to.deep.equal(first.body);
    const many = await Promise.all(
      Array.from({ length: 10 }, () => stage.add(draft, { 'Idempotency-Key': 'another' })),
    );
    expect(new Set(many.map(({ id }) => id)).size).to.equal(1);
    expect(await stage.list()).to.have.length(2);

    const { id } = first.body as Task;
    await stage.ask('PUT', `/tasks/${id}`, { title: 'Pay half of the rent' });
    expect((await stage.ask('POST', '/tasks', draft, key)).body).to.deep.include({ id, title: 'Pay half of the rent' });
    await stage.ask('DELETE', `/tasks/${id}`);
    expect((await stage.ask('POST', '/tasks', draft, key)).status, 'it does not come back').to.equal(410);
    const other = refused(await stage.ask('POST', '/tasks', { title: 'Buy a house' }, key));
    expect(other).to.deep.include({ status: 422, field: 'Idempotency-Key' });
    expect(await stage.list()).to.have.length(1);
  });

  it('changes only what its author has seen, where If-Match says so', async () => {
    const { id } = await stage.add({ title: 'one' });
    const seen = { 'If-Match': '"1"' };
    const first = await stage.ask('PUT', `/tasks/${id}`, { title: 'two' }, seen);
    expect(first.status).to.equal(200);
    const second = refused(await stage.ask('PUT', `/tasks/${id}`, { title: 'zwei' }, seen));
    expect(second).to.deep.include({ status: 412, task: first.body });
    expect(refused(await stage.ask('DELETE', `/tasks/${id}`, undefined, seen)).status).to.equal(412);
    expect((await stage.list())[0]).to.deep.include({ title: 'two', version: 2 });

    const repeated = await stage.ask('PUT', `/tasks/${id}`, { title: 'two' }, seen);
    expect(repeated, 'the same request once more').to.deep.include({ status: 200, body: first.body });
    expect((await stage.ask('DELETE', `/tasks/${id}`, undefined, { 'If-Match': '"2"' })).status).to.equal(204);
  });

  it('lets one of many editors of one version win, and loses no change of those that name none', async () => {
    const { id } = await stage.add({ title: 'one' });
    const rivals = await Promise.all(
      Array.from({ length: 10 }, (_, number) =>
        stage.ask('PUT', `/tasks/${id}`, { title: `of ${number}` }, { 'If-Match': '"1"' }),
      ),
    );
    expect(rivals.map(({ status }) => status).sort()).to.deep.equal([200, ...Array(9).fill(412)]);
    await Promise.all([
      stage.ask('PUT', `/tasks/${id}`, { title: 'title' }),
      stage.ask('PUT', `/tasks/${id}`, { note: 'note' }),
      stage.ask('PUT', `/tasks/${id}`, { status: 'doing' }),
    ]);
    expect((await stage.list())[0]).to.deep.include({ title: 'title', note: 'note', status: 'doing', version: 5 });
  });

  const wrongBodies: readonly (readonly [string, unknown, string])[] = [
    ['no JSON', '{', 'body'],
    ['no object', '[1]', 'body'],
    ['null', 'null', 'body'],
    ['no title', {}, 'title'],
    ['an empty title', { title: ' \n ' }, 'title'],
    ['a title that is no text', { title: 7 }, 'title'],
    ['a title over two lines', { title: 'a\nb' }, 'title'],
    ['a long title', { title: 'x'.repeat(201) }, 'title'],
    ['a long note', { title: 'x', note: 'x'.repeat(2_001) }, 'note'],
    ['a bell in a note', { title: 'x', note: '\u0007' }, 'note'],
    ['a status there is not', { title: 'x', status: 'later' }, 'status'],
    ['a field there is not', { title: 'x', colour: 'red' }, '"colour"'],
    ['a name that every object has', '{"title":"x","__proto__":1}', '"__proto__"'],
  ];
  for (const [what, body, field] of wrongBodies) {
    it(`refuses ${what}, and names the field`, async () => {
      const error = refused(await stage.ask('POST', '/tasks', body));
      expect(error).to.deep.include({ status: 400, field });
      expect(error.message).to.satisfy((message: string) => message.startsWith(`${field} `));
      expect(await stage.list()).to.deep.equal([]);
    });
  }

  it('refuses a PUT that changes nothing or is wrong', async () => {
    const { id } = await stage.add({ title: 'one' });
    expect(refused(await stage.ask('PUT', `/tasks/${id}`, {}))).to.deep.include({ status: 400, field: 'body' });
    expect(refused(await stage.ask('PUT', `/tasks/${id}`, { version: 7 }))).to.deep.include({ field: '"version"' });
    expect(refused(await stage.ask('PUT', `/tasks/${id}`, { title: '' }))).to.deep.include({ field: 'title' });
    expect((await stage.list())[0]).to.deep.include({ title: 'one', version: 1 });
  });

  it('refuses headers, pages and paths that are wrong', async () => {
    const { id } = await stage.add({ title: 'one' });
    const table: readonly (readonly [number, string, string, unknown, Record<string, string>])[] = [
      [400, 'PUT', `/tasks/${id}`, { title: 'x' }, { 'If-Match': '1' }],
      [400, 'POST', '/tasks', { title: 'x' }, { 'Idempotency-Key': 'with a space' }],
      [400, 'POST', '/tasks', { title: 'x' }, { 'Idempotency-Key': 'x'.repeat(101) }],
      [400, 'GET', '/tasks?limit=0', undefined, {}],
      [400, 'GET', '/tasks?limit=many', undefined, {}],
      [400, 'GET', '/tasks?after=x', undefined, {}],
      [403, 'POST', '/tasks', { title: 'x' }, { Origin: 'http://elsewhere.example' }],
      [404, 'GET', `/tasks/${NEVER_MADE}`, undefined, {}],
      [404, 'PUT', `/tasks/${NEVER_MADE}`, { title: 'x' }, {}],
      [404, 'DELETE', `/tasks/${NEVER_MADE}`, undefined, {}],
      [404, 'GET', '/tasks/x', undefined, {}],
      [404, 'GET', '/tasks/:id', undefined, {}],
      [404, 'GET', `/tasks/${id}/more`, undefined, {}],
      [404, 'GET', '/constructor', undefined, {}],
      [404, 'GET', '/../main.ts', undefined, {}],
      [405, 'PATCH', `/tasks/${id}`, { title: 'x' }, {}],
      [405, 'DELETE', '/tasks', undefined, {}],
      [405, 'POST', '/', undefined, {}],
      [413, 'POST', '/tasks', { title: 'x'.repeat(100_000) }, {}],
      [415, 'POST', '/tasks', '{"title":"x"}', { 'Content-Type': 'text/plain' }],
    ];
    for (const [status, method, path, body, headers] of table) {
      const error = refused(await stage.ask(method, path, body, headers));
      expect(error.status, `${method} ${path}: ${error.message}`).to.equal(status);
      expect(error.message)
        .to.be.a('string')
        .and.not.match(/\n| {2}at |\.ts\b/);
    }
    expect(await stage.statusWith({ Host: 'a-name-of-a-stranger.example' })).to.equal(403);
    expect(await stage.statusWith({ Host: 'localhost:1' })).to.equal(200);
    expect(await stage.list()).to.have.length(1);
  });

  it('serves a page that needs nothing from elsewhere', async () => {
    const page = await stage.ask('GET', '/');
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).to.contain("default-src 'none'").and.not.contain('unsafe');
    const html = String(page.body);
    expect(html, 'nothing inline, which the policy would block').not.to.match(
      /<style|<script(?![^>]*src)| style=| on\w+=/,
    );
    const parts = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(parts).to.include.members(['/board.js', '/board.css', '/icon.svg']);
    for (const path of [...parts, '/saving.js', '/service.js']) {
      const part = await stage.ask('GET', path);
      expect(part.status, path).to.equal(200);
      expect(String(part.body).replaceAll('http://www.w3.org/2000/svg', ''), path).not.to.match(/https?:\/\//);
    }
  });
});
