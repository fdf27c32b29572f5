// Peak memory of a process that replays two million events compared with one that replays a hundred thousand.
import { beside } from './figure.mjs';
import { inChild } from './in-child.mjs';
import { discard, fillStore, fresh, openStore } from './logs.mjs';

export async function memory({ size, directory }) {
  const counts = [size(2_000_000, 20_000), size(100_000, 10_000)];
  const paths = [];
  for (const count of counts) {
    const path = fresh(directory, 'memory');
    await (await fillStore(openStore(path), count)).close();
    paths.push(path);
  }
  const peaks = [[], []];
  for (let round = 0; round < size(5, 1); round++) {
    for (const [index, path] of paths.entries())
      peaks[index].push(await inChild('memory-reader.mjs', path, counts[index]));
  }
  for (const path of paths) discard(path);
  const figure = (name, what) =>
    beside(
      name,
      'MiB',
      peaks[0].map((peak) => peak[what]),
      '100 thousand',
      peaks[1].map((peak) => peak[what]),
    );
  return [
    figure('peak memory, replay of 2 million', 'own'),
    figure('peak resident set with the mapped file, replay of 2 million', 'withFile'),
  ];
}
