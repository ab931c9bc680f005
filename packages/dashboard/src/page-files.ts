/** Serves the page's files: `/`, and `/dashboard/` with everything that belongs to it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Address, PageAnswer, PageRequest, Pages } from '@understudy/rpc';
import { contentTypeOf } from './content-type.ts';
import { PAGE_FOLDER } from './page-folder.ts';
import { securityPolicy } from './security-policy.ts';

export interface PageFilesOptions {
  /** The nodes that the page may ask, including the node that serves it. */
  readonly nodes: () => Promise<readonly Address[]>;
  /** The file served at `/`. Default: `index.html`. */
  readonly start?: string;
  /** The folder with the files. Default: the one in this package. */
  readonly folder?: string;
}

export function pageFiles(options: PageFilesOptions): Pages {
  const { nodes, start = 'index.html', folder = PAGE_FOLDER } = options;
  let files: ReadonlyMap<string, File> | undefined;
  const show = async (name: string, request: PageRequest): Promise<PageAnswer> => {
    files ??= filesIn(folder);
    const file = files.get(name);
    return file === undefined ? { status: 404 } : answer(file, request, securityPolicy(await nodes()));
  };
  return {
    '/': (request) => show(start, request),
    '/dashboard/': (request) => show(request.rest, request),
  };
}

interface File {
  readonly type: string;
  readonly bytes: Buffer;
  readonly tag: string;
}

/**
 * Reads all files at once, when the first is requested; this takes a few milliseconds, once per process. So all files
 * served fit together, and a simulation never waits for the disk. Only listed files are served, so no request can leave
 * the folder.
 */
function filesIn(folder: string): ReadonlyMap<string, File> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.flatMap((entry) => {
      const type = contentTypeOf(entry.name);
      if (type === undefined) return [];
      const path = join(entry.parentPath, entry.name);
      const bytes = readFileSync(path);
      const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
      return [[relative(folder, path).split(sep).join('/'), { type, bytes, tag }] as const];
    }),
  );
}

function answer({ type, bytes, tag }: File, { headers }: PageRequest, policy: string): PageAnswer {
  const common = {
    'Cache-Control': 'no-cache', // cached, but revalidated each time
    ETag: tag,
    'Content-Security-Policy': policy,
    'Referrer-Policy': 'same-origin',
  };
  if (headers['if-none-match'] === tag) return { status: 304, headers: common };
  return { status: 200, body: bytes, headers: { ...common, 'Content-Type': type } };
}
