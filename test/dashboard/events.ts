/** The events that a stream has brought, parsed. */
import type { Hello, Notice, Sample } from '@understudy/dashboard';

interface Kinds {
  readonly hello: Hello;
  readonly notice: Notice;
  readonly sample: Sample;
}

/** What has not come whole is left out. */
export function eventsIn(text: string): readonly { readonly kind: string; readonly data: unknown }[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((event) => ({ kind: fieldOf(event, 'event'), data: JSON.parse(fieldOf(event, 'data')) }));
}

/** Of one kind, what it brought, oldest first. */
export function brought<K extends keyof Kinds>(text: string, wanted: K): readonly Kinds[K][] {
  return eventsIn(text).flatMap(({ kind, data }) => (kind === wanted ? [data as Kinds[K]] : []));
}

function fieldOf(event: string, name: string): string {
  const line = event.split('\n').find((each) => each.startsWith(`${name}: `));
  return line?.slice(name.length + 2) ?? '';
}
