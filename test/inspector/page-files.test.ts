import { createMemoryStore } from 'rx-watcher/memory';
import { expect, it, vi } from 'vitest';
import { inspect } from './inspect.ts';

const missing = vi.hoisted(() => new Set<string>());

vi.mock('node:fs/promises', async (load) => {
  const original = await load<typeof import('node:fs/promises')>();
  const readFile = (file: URL) => {
    const isMissing = missing.has(file.pathname.split('/').at(-1) ?? '');
    return isMissing
      ? Promise.reject(Object.assign(new Error('secret path'), { code: 'ENOENT' }))
      : original.readFile(file);
  };
  return { ...original, readFile };
});

it('GET app.js of an inspector has status 500 while the file is missing, and returns the file afterwards', async () => {
  const client = inspect({ store: createMemoryStore() });
  missing.add('app.js');
  const { status, body } = await client.get('app.js');
  expect({ status, body }).toEqual({
    status: 500,
    body: {
      status: 500,
      title: 'Internal Server Error',
      detail: expect.stringMatching(/^The file app\.js of the page cannot be read \(ENOENT\)\. Install/),
      code: 'ERR_PAGE_MISSING',
    },
  });
  missing.clear();
  const found = await client.get('app.js');
  expect(found.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(found.status).toBe(200);
});
