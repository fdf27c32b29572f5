import { CheckpointError, createManager } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { ManualHandler } from '../../../../src/testing/conformance/support/manual-handler.ts';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { checkpointOf, passed, statsIn } from '../../../../src/testing/conformance/support/watched.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';

const streams = eachStream();

const openTwo = async () => {
  const stream = streams.nextStream();
  return [await streams.open({ stream }), await streams.open({ stream })] as const;
};

test('storeCheckpoint does not overwrite a checkpoint that another process has stored in the meantime', async () => {
  const [one, other] = await openTwo();
  await one.storeCheckpoint('w', 1);
  expect(await firstValueFrom(other.getCheckpoint('w'))).toBe(1);
  await other.storeCheckpoint('w', 2);

  const failure = await failureOf(one.storeCheckpoint('w', 3));

  expect(failure).toBeInstanceOf(CheckpointError);
  expect(String(failure)).toContain('another process has stored 2 in the meantime');
  expect(await failureOf(one.storeCheckpoint('w', 4))).toBeInstanceOf(CheckpointError);
  expect(await firstValueFrom(other.checkpoints())).toEqual(new Map([['w', 2]]));
});

test('storeCheckpoint overwrites a checkpoint of another process after getCheckpoint has read that checkpoint', async () => {
  const [one, other] = await openTwo();
  await one.storeCheckpoint('w', 1);
  await other.storeCheckpoint('w', 2);

  expect(await firstValueFrom(one.getCheckpoint('w'))).toBe(2);
  await one.storeCheckpoint('w', 3);

  expect(await failureOf(other.storeCheckpoint('w', 4))).toBeInstanceOf(CheckpointError);
  expect(await firstValueFrom(one.checkpoints())).toEqual(new Map([['w', 3]]));
});

test('storeCheckpoint does not overwrite a checkpoint of another process if only checkpoints() has read that checkpoint', async () => {
  const [one, other] = await openTwo();
  await one.storeCheckpoint('w', 1);
  await other.storeCheckpoint('w', 2);

  await firstValueFrom(one.checkpoints());

  expect(await failureOf(one.storeCheckpoint('w', 3))).toBeInstanceOf(CheckpointError);
});

test('storeCheckpoint stores a checkpoint again if another process has deleted the checkpoint', async () => {
  const [one, other] = await openTwo();
  await one.storeCheckpoint('w', 1);
  await other.deleteCheckpoint('w');

  await one.storeCheckpoint('w', 2);

  expect(await firstValueFrom(other.getCheckpoint('w'))).toBe(2);
});

test('a watcher fails with a CheckpointError if another process has stored a checkpoint of the watcher', async () => {
  const [one, other] = await openTwo();
  await one.storeEvents([created(1), created(2)]);
  const byHand = new ManualHandler();
  const first = createManager(one).create('w', { handler: byHand.handler, autoStart: true });
  await byHand.finishAttempts(1);
  await byHand.attempt(2);
  await checkpointOf(one);
  const second = createManager(other).create('w', { handler: () => undefined, autoStart: true });
  await passed(second, 2);
  await second.stop();

  await byHand.finishAttempts(2);
  const { lastError } = await statsIn(first, 'failed');

  expect(lastError).toBeInstanceOf(CheckpointError);
  expect(await firstValueFrom(other.checkpoints())).toEqual(new Map([['w', 2]]));
});
