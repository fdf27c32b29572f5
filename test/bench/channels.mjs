// Appends and replays while the diagnostics channels have no subscriber, compared with the same work without the channels. Each
// run has its own process, because the channels are created when the package is loaded.
import { beside } from './figure.mjs';
import { inChild } from './in-child.mjs';
import { discard, fresh } from './logs.mjs';

export async function channels({ rounds, size, directory }) {
  const appended = size(100_000, 2000);
  const logged = size(300_000, 10_000);
  const measure = async (channels) => {
    const path = fresh(directory, 'channels');
    const measured = await inChild('channels-worker.mjs', path, channels, appended, logged);
    discard(path);
    return measured;
  };
  const measured = { unheard: [], absent: [] };
  for (let round = 0; round < rounds; round++) {
    for (const channels of Object.keys(measured)) measured[channels].push(await measure(channels));
  }
  const figure = (name, rateOf) =>
    beside(
      `${name}, no subscriber on the channels`,
      'events/s',
      measured.unheard.map(rateOf),
      'without channels',
      measured.absent.map(rateOf),
    );
  return [
    figure('append, 64 in flight', ({ append }) => append),
    figure('watch, async handler', ({ watch }) => watch),
  ];
}
