import { readFile } from 'node:fs/promises';
import { RequestError } from './request/request-error.ts';

/** Files of the page with their media types. No other file is served. */
const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'app.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;

export type PageFile = keyof typeof TYPES;

/** Folder to which the build writes the files. If this module runs as TypeScript, the folder is in `dist`. */
const FOLDER = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/inspector/page/' : './page/',
  import.meta.url,
);

const read = new Map<PageFile, Promise<Buffer>>();

/** Reads a file at the first request for it. */
function contentOf(name: PageFile): Promise<Buffer> {
  const content = read.get(name) ?? readFile(new URL(name, FOLDER));
  read.set(name, content);
  return content;
}

/**
 * Returns the response with a file of the page.
 *
 * @throws {@link RequestError} if the file is missing, for example because a bundler has copied only the code.
 */
export async function pageFile(name: PageFile): Promise<Response> {
  try {
    const content = await contentOf(name);
    return new Response(Uint8Array.from(content), { headers: { 'content-type': TYPES[name] } });
  } catch (error) {
    read.delete(name);
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new RequestError(
      500,
      'ERR_PAGE_MISSING',
      `The file ${name} of the page cannot be read (${code}). Install the package rx-watcher with its files, and do not bundle it.`,
    );
  }
}
