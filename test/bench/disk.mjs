// Size of the file compared with the size of the serialized objects.
import { statSync } from 'node:fs';
import { beside } from './figure.mjs';
import { fillStore, fresh, openStore } from './logs.mjs';
import { request } from './request.mjs';

export async function disk({ size, directory }) {
  const total = size(1_000_000, 20_000);
  const path = fresh(directory, 'disk');
  await (await fillStore(openStore(path), total)).close();
  let payload = 0;
  for (let n = 1; n <= total; n++) payload += Buffer.byteLength(JSON.stringify(request(n).object));
  return [
    beside('bytes on disk per event', 'bytes', [statSync(path).size / total], 'payload', [payload / total]),
  ];
}
