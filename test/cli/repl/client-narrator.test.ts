import type { ClientNotice } from '@understudy/kvservice';
import type { FailureName } from '@understudy/rpc';
import { expect } from 'chai';
import { ClientNarrator } from '../../../packages/cli/src/narrate/client.ts';

const [A, B, C] = ['127.0.0.1:7001', '127.0.0.1:7002', '127.0.0.1:7003'] as const;

const asking: ClientNotice = { kind: 'asking' };
const session: ClientNotice = { kind: 'session', session: 's' };
const retry = (server: string, reason: FailureName): ClientNotice => ({
  kind: 'retry',
  operation: 'put',
  reason,
  message: `${server}: what it said`,
  server,
});
const view = (viewnum: number, primary: string): ClientNotice => ({
  kind: 'view',
  view: { viewnum, primary, backups: [], syncing: [] },
  source: 'monitor',
});
const unanswered: ClientNotice = { kind: 'unanswered', reason: 'UNREACHABLE', message: 'no way to 127.0.0.1:7000' };
/** Of an operation; another one begins. */
const end = 'end';
const idle = 'no operation is under way';

const BEGUN = [asking, view(2, A), session, end] as const;

/** What is told of these, `|` for the end of a line. */
function told(...happenings: readonly (ClientNotice | typeof end | typeof idle)[]): string {
  let text = '';
  const narrator = new ClientNarrator({
    grow: (more) => {
      text += more;
    },
    end: () => {
      text += '|';
    },
  });
  narrator.begin();
  for (const happening of happenings) {
    if (happening === end || happening === idle) narrator.end();
    else narrator.tell(happening);
    if (happening === end) narrator.begin();
  }
  return text;
}

describe('what a client does, in words', () => {
  it('nothing where nothing goes wrong', () => {
    expect(told(...BEGUN, end)).to.equal('');
  });

  it('a failover is one line, however many tries it took', () => {
    const tries = [
      retry(A, 'CONNECTION_LOST'),
      asking,
      retry(A, 'UNREACHABLE'),
      asking,
      retry(A, 'UNREACHABLE'),
      asking,
    ];
    expect(told(...BEGUN, ...tries, view(3, B), end)).to.equal(
      `primary ${A} is gone, asking the monitor ... now ${B}, view 3|`,
    );
  });

  it('grows as things happen', () => {
    expect(told(...BEGUN, retry(A, 'TIMEOUT'))).to.equal(`primary ${A} does not answer`);
    expect(told(...BEGUN, retry(A, 'TIMEOUT'), asking)).to.equal(
      `primary ${A} does not answer, asking the monitor ...`,
    );
  });

  it('a line that nothing came of ends with the operation, and the next begins anew', () => {
    expect(told(...BEGUN, retry(A, 'TIMEOUT'), asking, end, retry(A, 'TIMEOUT'))).to.equal(
      `primary ${A} does not answer, asking the monitor ...|primary ${A} does not answer`,
    );
  });

  it('another trouble is another line', () => {
    const happenings = [retry(A, 'TIMEOUT'), asking, retry(A, 'CONNECTION_LOST'), asking, view(3, B)];
    expect(told(...BEGUN, ...happenings, retry(B, 'NOT_READY'), asking, end)).to.equal(
      `primary ${A} does not answer, asking the monitor ...|primary ${A} is gone, asking the monitor ... now ${B}, view 3|` +
        `primary ${B} is not ready yet, asking the monitor ...|`,
    );
  });

  it('a monitor that does not answer is told once', () => {
    const tries = [retry(A, 'UNREACHABLE'), asking, unanswered, retry(A, 'UNREACHABLE'), asking, unanswered];
    expect(told(...BEGUN, ...tries, view(3, B))).to.equal(
      `primary ${A} is gone, asking the monitor ... no answer (no way to 127.0.0.1:7000), trying on ... now ${B}, view 3|`,
    );
    expect(told(asking, unanswered, asking, unanswered, asking, view(1, C))).to.equal(
      `asking the monitor ... no answer (no way to 127.0.0.1:7000), trying on ... now ${C}, view 1|`,
    );
  });

  it('says that there is no primary yet, when the monitor is asked again', () => {
    expect(told(asking, asking, asking, view(1, A))).to.equal(
      `there is no primary yet, asking the monitor ... now ${A}, view 1|`,
    );
  });

  it('a view without a primary is not the end of it', () => {
    expect(told(...BEGUN, retry(A, 'UNREACHABLE'), asking, view(3, ''), asking, view(4, C))).to.equal(
      `primary ${A} is gone, asking the monitor ... nobody, view 3 ... now ${C}, view 4|`,
    );
  });

  it('what comes when no operation is under way is not told, and the first view is known then', () => {
    expect(told(asking, idle, unanswered)).to.equal('');
    expect(told(...BEGUN, retry(A, 'TIMEOUT'), asking, idle, unanswered, view(3, B))).to.equal(
      `primary ${A} does not answer, asking the monitor ...|`,
    );
    expect(told(asking, idle, view(2, A), end, view(3, B))).to.equal(`a new view: now ${B}, view 3|`);
  });

  it('a lost session', () => {
    expect(told(...BEGUN, retry(A, 'SESSION_UNKNOWN'), session, end)).to.equal(
      `primary ${A} does not know this session any more, opening another ... done|`,
    );
  });

  it('has words for every failure', () => {
    expect(told(...BEGUN, retry(A, 'OVERLOADED'))).to.equal(`primary ${A} has too much to do, waiting ...`);
    expect(told(...BEGUN, retry(A, 'NOT_PRIMARY'))).to.equal(`${A} is not primary any more`);
    expect(told(...BEGUN, retry(A, 'RECOVERING'))).to.equal(`primary ${A}: ${A}: what it said`);
  });
});
