/** The files of the page as pages of a listener: `/`, and `/dashboard/` with all that belongs to it. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Address, PageAnswer, PageRequest, Pages } from '@understudy/rpc';
import { contentTypeOf } from './content-type.ts';
import { PAGE_FOLDER } from './page-folder.ts';
import { securityPolicy } from './security-policy.ts';

export interface PageFilesOptions {
  /** Whom the page may ask, the node that serves it included. */
  readonly nodes: () => Promise<readonly Address[]>;
  /** What stands at `/`. Default: `index.html`. */
  readonly start?: string;
  /** Where the files are. Default: those of this package. */
  readonly folder?: string;
}

export function pageFiles(options: PageFilesOptions): Pages {
  const { nodes, start = 'index.html', folder = PAGE_FOLDER } = options;
  const show = async (name: string, request: PageRequest): Promise<PageAnswer> => {
    const [file, known] = await Promise.all([fileAt(folder, name), nodes()]);
    return file === undefined ? { status: 404 } : answer(file, request, securityPolicy(known));
  };
  return {
    '/': (request) => show(start, request),
    '/dashboard/': (request) => show(request.rest, request),
  };
}

interface File {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Only a name that the folder itself lists is ever opened, so no request leads out of it. */
async function fileAt(folder: string, name: string): Promise<File | undefined> {
  const type = contentTypeOf(name);
  if (type === undefined) return undefined;
  const path = (await filesIn(folder)).get(name);
  return path === undefined ? undefined : { type, bytes: await readFile(path) };
}

/** By the name in requests. */
async function filesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((path) => [relative(folder, path).split(sep).join('/'), path]));
}

function answer({ type, bytes }: File, { headers }: PageRequest, policy: string): PageAnswer {
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const common = {
    'Cache-Control': 'no-cache', // kept, but asked about each time
    ETag: tag,
    'Content-Security-Policy': policy,
    'Referrer-Policy': 'same-origin',
  };
  if (headers['if-none-match'] === tag) return { status: 304, headers: common };
  return { status: 200, body: bytes, headers: { ...common, 'Content-Type': type } };
}
