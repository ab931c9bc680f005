/** The files of the page as pages of a listener: `/`, and `/dashboard/` with all that belongs to it. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
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
 * All at once, when the first is asked for: a few milliseconds in the life of a process. So what is served fits together, and no virtual time has
 * to wait for a disk. By the name in requests: only what the folder itself lists is ever read, so no request leads out of it.
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
    'Cache-Control': 'no-cache', // kept, but asked about each time
    ETag: tag,
    'Content-Security-Policy': policy,
    'Referrer-Policy': 'same-origin',
  };
  if (headers['if-none-match'] === tag) return { status: 304, headers: common };
  return { status: 200, body: bytes, headers: { ...common, 'Content-Type': type } };
}
