/** What came back for a piece of bad input, in a few words. */
import type { Address } from '@understudy/rpc';
import type { BadInput } from './bad-input.ts';
import { readResponse } from './http.ts';
import { RawConnection } from './raw-connection.ts';

/** Such as `-32700 PARSE_ERROR`, `done`, `2 answers: ...`; with `, then the end` where the connection ended. */
export async function tcpOutcome(address: Address, { tcp = '', ends = false }: BadInput): Promise<string> {
  const connection = await RawConnection.open(address);
  connection.say(tcp);
  if (ends) connection.socket.end();
  const answer = outcomeOf(await connection.answer());
  const answersOn = ends || (await isAnswered(connection, 'one more'));
  connection.close();
  return `${answer}${answersOn ? '' : ', then the end'}`;
}

/** The same, after the HTTP status; `the end` where there was no response. */
export async function httpOutcome(address: Address, { http = '', ends = false }: BadInput): Promise<string> {
  const connection = await RawConnection.open(address);
  connection.say(http);
  if (ends) connection.socket.end();
  try {
    const { status, headers, body } = await readResponse(connection);
    const closes = headers.connection === 'close' ? ', then the end' : '';
    return `${status}: ${outcomeOf(JSON.parse(body))}${closes}`;
  } catch (error) {
    if (connection.isOver && connection.received === '') return 'the end';
    throw error;
  } finally {
    connection.close();
  }
}

function outcomeOf(answer: unknown): string {
  if (Array.isArray(answer)) return `${answer.length} answers: ${[...new Set(answer.map(outcomeOf))].join(' and ')}`;
  const { jsonrpc, id, error } = answer as Partial<Answer>;
  if (jsonrpc !== '2.0' || (id !== null && id !== 1)) return `not an answer: ${JSON.stringify(answer)}`;
  if (error === undefined) return 'done';
  const { field, name } = error.data ?? {};
  return `${error.code} ${name}${field === undefined ? '' : ` (${field})`}`;
}

interface Answer {
  readonly jsonrpc: unknown;
  readonly id: unknown;
  readonly error?: { readonly code: number; readonly data?: { readonly name?: string; readonly field?: string } };
}

/** Whether one more request is; it is not where the connection ends. */
async function isAnswered(connection: RawConnection, id: string): Promise<boolean> {
  connection.request(id, 'nothing');
  try {
    while (((await connection.answer()) as Answer).id !== id);
    return true;
  } catch (error) {
    if (connection.isOver) return false;
    throw error;
  }
}
