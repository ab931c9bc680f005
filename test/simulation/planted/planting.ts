/** Planting: what the sources look like with a bug in them; the files themselves stay as they are. */
import { readFileSync } from 'node:fs';
import type { Edit, PlantedBug } from './bug.ts';

const PACKAGES = new URL('../../../packages/', import.meta.url);

/** Text of each changed file by its URL. Throws where an edit does not fit exactly one place: the code has moved on, and the bug has to. */
export function plant({ name, edits }: Pick<PlantedBug, 'name' | 'edits'>): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const edit of edits) {
    const { href } = new URL(edit.file, PACKAGES);
    texts[href] = changed(texts[href] ?? readFileSync(new URL(href), 'utf8'), name, edit);
  }
  return texts;
}

function changed(text: string, name: string, { file, find, replace }: Edit): string {
  const places = find === '' ? 0 : text.split(find).length - 1;
  if (places !== 1) throw new Error(`${name}: ${file} has ${places} places, not one, with ${JSON.stringify(find)}`);
  return text.replace(find, () => replace);
}
