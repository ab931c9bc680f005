/** Reads what `/metrics` shows. */

/** Lines such as `name{label="x"} 1`, by what stands before the value. */
export async function scrape(address: string): Promise<ReadonlyMap<string, number>> {
  const lines = (await text(address)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

export async function text(address: string): Promise<string> {
  const response = await fetch(`http://${address}/metrics`);
  const type = response.headers.get('content-type');
  if (response.status !== 200 || type !== 'text/plain; version=0.0.4; charset=utf-8')
    throw new Error(`${response.status} ${type}: ${await response.text()}`);
  return response.text();
}

/** Names and types of all that is declared. */
export function declared(shown: string): ReadonlyMap<string, string> {
  return new Map([...shown.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
}
