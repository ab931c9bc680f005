import { expect } from 'chai';
import type { ClusterReport } from '../../../packages/cli/src/inquiry.ts';
import { ClientNarrator } from '../../../packages/cli/src/narrate/client.ts';
import { reportInWords } from '../../../packages/cli/src/narrate/report.ts';
import { JsonPrinter, TextPrinter } from '../../../packages/cli/src/operations/printer.ts';
import { oneLine } from '../../../packages/cli/src/output.ts';
import { Story } from '../../../packages/cli/src/up/story.ts';

/** Retitles a terminal, turns the direction of writing, and forges a line. */
const EVIL = 'e\u001b]0;t\u0007\u202e\u009b1m\nforged';
const SHOWN = 'e\\u001b]0;t\\u0007\\u202e\\u009b1m\\nforged';

describe('what comes from outside, as it is shown', () => {
  const written = (act: (write: (text: string) => void) => void) => {
    const parts: string[] = [];
    act((text) => parts.push(text));
    return parts.join('');
  };

  it('values and keys: with escapes on a terminal, as they are elsewhere, and as JSON in JSON', () => {
    const print = (isForTerminal: boolean) =>
      written((write) => {
        const printer = new TextPrinter(write, isForTerminal);
        printer.entry({ key: EVIL, value: EVIL, revision: 1 });
        printer.answer({ kind: 'value', value: EVIL, json: {} });
      });
    expect(print(true)).to.equal(`${SHOWN}\t${SHOWN}\n${SHOWN.replace('\\n', '\n')}\n`);
    expect(print(false)).to.equal(`${EVIL}\t${EVIL}\n${EVIL}\n`);
    const json = written((write) => {
      new JsonPrinter(write, '').answer({ kind: 'value', value: EVIL, json: { value: EVIL } });
    });
    expect(json).to.equal(`{"value":"${SHOWN}"}\n`);
    expect(JSON.parse(json)).to.deep.equal({ value: EVIL });
  });

  it('names of servers in the report of `status`', () => {
    const view = { viewnum: 1, primary: EVIL, backups: [], syncing: [] };
    const sighting = { server: EVIL, role: 'primary', condition: 'alive', syncing: false, lastPingMs: 1 };
    const told = { revision: 1, lag: null, keys: 0, sessions: 0, ready: true };
    const report = {
      view,
      acknowledged: true,
      phase: 'serving',
      waiting: { kind: 'data', servers: [EVIL] },
      history: [{ agoMs: 1, causes: [{ kind: 'primary-silent', server: EVIL, silentMs: 1 }] }],
      servers: [{ ...sighting, ...told }],
    } as unknown as ClusterReport;
    const text = reportInWords(report);
    expect(text.split(SHOWN).length, 'headline, waiting, cause, row').to.equal(5);
    expect(text).not.to.match(/[\u001b\u202e\u009b]|^forged/m);
  });

  it('what a client tells at the prompt, and what `up` tells of a process', () => {
    const grown = written((grow) => {
      const narrator = new ClientNarrator({ grow, end: () => {} });
      narrator.begin();
      narrator.tell({ kind: 'retry', server: EVIL, reason: 'TIMEOUT', message: EVIL } as never);
    });
    expect(grown).to.include(SHOWN);
    const story = written((write) => {
      const member = { service: 'server', address: '127.0.0.1:1', pid: 1 } as const;
      const record = { level: 'info', text: EVIL, atMs: 1 } as const;
      new Story({ colours: false, write, startMs: 0 }).tell({ kind: 'log', atMs: 1, member, record });
    });
    expect(story).to.match(/ {2}e\\u001b.*forged$/);
  });

  it('a complaint about a key is one line', () => {
    expect(oneLine(`${EVIL}: not found`)).to.equal(`${SHOWN.replace('\\n', ' ')}: not found`);
  });
});
