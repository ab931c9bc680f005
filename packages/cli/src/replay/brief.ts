/** Describes a message in a few words, for a drawing without room for all of it. */

type Fields = Readonly<Record<string, unknown>>;

const MOST_CHARACTERS = 40;

/** @param text As the message carried it: params of a request, `{ result }` or `{ error }` of a reply. */
export function brief(method: string, message: 'request' | 'reply', text: string): string {
  const fields = fieldsOf(text);
  const words = message === 'request' ? ofRequest(method, fields) : ofReply(fields);
  return words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS - 3)}...` : words;
}

function ofRequest(method: string, { viewnum, entries, operations, commit, key, value, prefix }: Fields): string {
  if (Array.isArray(entries)) return `${entriesInWords(entriesIn(entries))}commit ${commit}`;
  if (Array.isArray(operations)) return `${operations.length} operations`;
  if (typeof key === 'string') return value === undefined ? key : `${key}: ${JSON.stringify(value)}`;
  if (typeof prefix === 'string') return `${prefix}*`;
  return typeof viewnum === 'number' && method !== 'sysmonitor.view' ? `view ${viewnum}` : '';
}

/** Entries are packed in runs. In traces of earlier versions, each entry is separate. */
function entriesIn(runs: readonly unknown[]): number {
  return runs.reduce<number>(
    (sum, run) => sum + (isFields(run) && Array.isArray(run.operations) ? run.operations.length : 1),
    0,
  );
}

function entriesInWords(count: number): string {
  if (count === 0) return '';
  return count === 1 ? '1 entry, ' : `${count} entries, `;
}

function ofReply({ result, error }: Fields): string {
  if (isFields(error)) return failureIn(error);
  if (!isFields(result)) return '';
  const { view, viewnum, kind, verified, value, revision, results } = result;
  if (Array.isArray(results)) return `${results.length} results`;
  const known = isFields(view) ? view.viewnum : viewnum;
  if (typeof known === 'number') return `view ${known}`;
  if (typeof kind === 'string') return typeof verified === 'number' ? `${kind}, up to ${verified}` : kind;
  if (value !== undefined) return JSON.stringify(value);
  return typeof revision === 'number' ? `revision ${revision}` : '';
}

function failureIn({ message, data }: Fields): string {
  if (isFields(data) && typeof data.name === 'string') return data.name;
  return typeof message === 'string' ? message : 'error';
}

/** Empty if it is no JSON object, because the drawing does not need it. */
function fieldsOf(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : {};
  } catch {
    return {};
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
