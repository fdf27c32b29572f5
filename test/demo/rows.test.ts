import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openFileLog } from '../../docs/examples/git-history/log/open-file-log.ts';
import { BufferedRows } from '../../docs/examples/git-history/views/rows.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const NAMES = [
  '',
  '1',
  '\x01',
  'a\nb',
  '李'.repeat(550),
  '李'.repeat(2000),
  `${'李'.repeat(2000)}!`,
  'x'.repeat(4000),
];

test('keeps a row under any name, longer ones than a key of LMDB too', async () => {
  const log = openFileLog(join(temporaryDirectory(), 'log.lmdb'));
  const rows = new BufferedRows<string>(log.env.openDB({ name: 'rows', encoding: 'json' }));
  for (const name of NAMES) rows.put(name, `row of ${name}`);
  await log.transaction(() => rows.write());
  rows.forget();
  expect(NAMES.map((name) => rows.get(name))).toEqual(NAMES.map((name) => `row of ${name}`));

  rows.remove('1');
  expect(rows.get('1')).toBeUndefined();
  expect([...rows.written()]).toHaveLength(NAMES.length);
  await log.transaction(() => rows.write());
  expect([...rows.written()]).toHaveLength(NAMES.length - 1);
  await log.close();
});
