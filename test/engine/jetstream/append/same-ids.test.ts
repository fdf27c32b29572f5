import { atSequenceNumber } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect, onTestFinished, test } from 'vitest';
import { readAll } from '../../../../src/testing/conformance/support/read-all.ts';
import { seqNums, span } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { startProcess } from '../../../support/program.ts';

const COUNT = 10_000;
const IN_FLIGHT = 64;
/** First id of the second process. Without this offset, the faster process would store all events. */
const OFFSET = 1000;
const APPEND_IDS = new URL('./append-ids.mjs', import.meta.url);

const streams = eachStream();

test('two processes that append the same ids at the same time, and lose their connections, store each id once', async () => {
  const stream = streams.nextStream();
  const reader = await streams.open({ stream });
  const proxies = [await streams.proxy(), await streams.proxy()];
  const writers = proxies.map(({ url }, index) =>
    startProcess(APPEND_IDS, url, stream, `process ${index}`, COUNT, IN_FLIGHT, 1 + index * OFFSET),
  );
  onTestFinished(async () => {
    await Promise.all(writers.map((writer) => writer.end()));
  });
  for (const writer of writers) await writer.readLine();

  for (const writer of writers) writer.writeLine('start');
  for (const stored of [2000, 6000]) {
    await firstValueFrom(reader.events(atSequenceNumber(stored)));
    // The server stores the pending appends, but the writers receive no acknowledgements and must send them again.
    for (const proxy of proxies) proxy.discardAnswers();
    await firstValueFrom(reader.events(atSequenceNumber(stored + 32)));
    for (const proxy of proxies) proxy.cut();
  }
  const results = await Promise.all(writers.map(async (writer) => JSON.parse(await writer.readLine())));

  const events = await readAll(reader);
  const seqNumById = new Map(events.map(({ id, seqNum }) => [id, seqNum]));
  expect(seqNums(events)).toEqual(span(1, COUNT));
  expect(seqNumById.size).toBe(COUNT);
  for (const result of results) expect(result).toEqual(span(1, COUNT).map((n) => seqNumById.get(`id ${n}`)));
  // The test shows nothing if one process has stored all events before the other started.
  expect(new Set(events.map(({ object }) => (object as { writer: string }).writer)).size).toBe(2);
}, 60_000);
