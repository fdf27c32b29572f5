import { LeaseLostError } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { deadLetter, deadLettersOf } from '../../../../src/testing/conformance/support/dead-letters.ts';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { grant } from '../../../../src/testing/conformance/support/held-lease.ts';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../../../support/jetstream/each-stream.ts';
import { openBucket } from '../../../support/jetstream/raw-stream.ts';

const streams = eachStream();

/** Opens a store that holds the lease under token 1, through a proxy that can hold its writes, and a second store. */
async function openRivals() {
  const proxy = await streams.proxy();
  const stream = streams.nextStream();
  const one = await streams.open({ stream, servers: proxy.url });
  const other = await streams.open({ stream });
  await one.storeEvent(created(1));
  await one.storeEvent(created(2));
  await grant(one, { owner: 'one', token: 1 });
  await one.storeCheckpoint('w', 0, 1);
  const checkpoint = () => firstValueFrom(other.getCheckpoint('w'));
  const grantOther = () => grant(other, { owner: 'other', token: 2 });
  /** Holds the next write of a key with this prefix, but no reads. Resolves when the write is held. */
  const holdWrite = (key: string) => proxy.holdRequests(`HPUB $KV.${stream}_checkpoints.${key}`);
  const bucket = await openBucket(streams.server.url, `${stream}_checkpoints`);
  return { proxy, one, other, bucket, checkpoint, grantOther, holdWrite };
}

describe('a checkpoint with a fencing token on JetStream', () => {
  test('storeCheckpoint on JetStream rejects an old fencing token, even if its process has not detected the new grant', async () => {
    const { one, checkpoint, grantOther } = await openRivals();
    await grantOther();

    expect(await failureOf(one.storeCheckpoint('w', 1, 1))).toBeInstanceOf(LeaseLostError);
    expect(await checkpoint()).toBe(0);
  });

  test('storeCheckpoint on JetStream rejects if another process gets the lease while the checkpoint is in flight', async () => {
    const { proxy, one, checkpoint, grantOther, holdWrite } = await openRivals();
    const isHeld = holdWrite('checkpoint.w');
    const failure = failureOf(one.storeCheckpoint('w', 1, 1));
    await isHeld;
    await grantOther();

    proxy.releaseRequests();

    expect(await failure).toMatchObject({ code: 'ERR_LEASE_LOST', token: 1 });
    expect(await checkpoint()).toBe(0);
  });

  test('a checkpoint with a fencing token replaces a checkpoint that another store has stored under the same token or without a token', async () => {
    const { one, other, checkpoint } = await openRivals();
    await other.storeCheckpoint('w', 1, 1);
    await one.storeCheckpoint('w', 2, 1);
    expect(await checkpoint()).toBe(2);

    await other.storeCheckpoint('w', 0);
    await one.storeCheckpoint('w', 1, 1);

    expect(await checkpoint()).toBe(1);
  });

  test('storeCheckpoint accepts the newest fencing token from any process', async () => {
    const { one, checkpoint, grantOther } = await openRivals();
    await grantOther();

    await one.storeCheckpoint('w', 1, 2);

    expect(await checkpoint()).toBe(1);
  });

  test('a checkpoint is stored under the newest fencing token, even if the grant of an older token arrives later', async () => {
    const { proxy, one, other, checkpoint, holdWrite } = await openRivals();
    const isHeld = holdWrite('checkpoint.w');
    const late = grant(one, { owner: 'one', token: 2 });
    await isHeld;
    await grant(other, { owner: 'other', token: 3 });

    proxy.releaseRequests();
    await late;

    await other.storeCheckpoint('w', 1, 3);
    expect(await failureOf(one.storeCheckpoint('w', 2, 2))).toBeInstanceOf(LeaseLostError);
    expect(await checkpoint()).toBe(1);
  });

  test('a deleted checkpoint leaves its fencing token, so that older tokens are still rejected', async () => {
    const { one, other, checkpoint, grantOther } = await openRivals();
    await grantOther();
    await other.storeCheckpoint('w', 1, 2);

    await one.deleteCheckpoint('w');

    expect(await firstValueFrom(other.checkpoints())).toEqual(new Map());
    expect(await failureOf(one.storeCheckpoint('w', 2, 1))).toBeInstanceOf(LeaseLostError);
    expect(await checkpoint()).toBeUndefined();
    await other.storeCheckpoint('w', 2, 2);
    expect(await checkpoint()).toBe(2);
  });
});

describe('a dead letter with a fencing token on JetStream', () => {
  test('a dead letter with an old fencing token on JetStream is rejected before the event is copied', async () => {
    const { one, bucket, grantOther } = await openRivals();
    await grantOther();

    expect(await failureOf(one.storeDeadLetter(deadLetter(1), 1, 1))).toBeInstanceOf(LeaseLostError);
    expect(await bucket.get('copy.w.1')).toBeNull();
    await one.storeDeadLetter(deadLetter(1), 1, 2);
    expect(await bucket.get('copy.w.1')).not.toBeNull();
  });

  test('a dead letter is removed if it was in flight when the lease was lost', async () => {
    const { proxy, one, other, checkpoint, grantOther, holdWrite } = await openRivals();
    const isHeld = holdWrite('letter.w');
    const failure = failureOf(one.storeDeadLetter(deadLetter(1), 1, 1));
    await isHeld;
    await grantOther();

    proxy.releaseRequests();

    expect(await failure).toMatchObject({ code: 'ERR_LEASE_LOST', token: 1 });
    expect(await deadLettersOf(other)).toEqual([]);
    expect(await checkpoint()).toBe(0);
  });

  test.each([1, undefined])(
    'a dead letter in flight is replaced by the previous dead letter when the lease is lost (checkpoint %o)',
    async (seqNum) => {
      const { proxy, one, other, grantOther, holdWrite } = await openRivals();
      await one.storeDeadLetter(deadLetter(1, { attempts: 7 }), undefined, 1);
      const isHeld = holdWrite('letter.w');
      const failure = failureOf(one.storeDeadLetter(deadLetter(1, { attempts: 8 }), seqNum, 1));
      await isHeld;
      await grantOther();

      proxy.releaseRequests();

      expect(await failure).toBeInstanceOf(LeaseLostError);
      expect((await deadLettersOf(other)).map(({ attempts }) => attempts)).toEqual([7]);
    },
  );

  test.each(['copy.w', 'letter.w'])(
    'a dead letter of the new lease holder stays if the old holder was writing %s when the lease was lost',
    async (key) => {
      const { proxy, one, other, bucket, checkpoint, grantOther, holdWrite } = await openRivals();
      const isHeld = holdWrite(key);
      const failure = failureOf(one.storeDeadLetter(deadLetter(1, { attempts: 8 }), 1, 1));
      await isHeld;
      await grantOther();
      await other.storeDeadLetter(deadLetter(1, { attempts: 9 }), 1, 2);
      const before = await bucket.get('letter.w.1');

      proxy.releaseRequests();

      expect(await failure).toBeInstanceOf(LeaseLostError);
      expect((await deadLettersOf(other)).map(({ attempts }) => attempts)).toEqual([9]);
      expect((await bucket.get('letter.w.1'))?.revision).toBe(before?.revision);
      expect(await checkpoint()).toBe(1);
    },
  );

  test.each([0, 1])(
    'a dead letter of the new lease holder stays when the dead letter of the old holder is undone (previous dead letters: %i)',
    async (previous) => {
      const { proxy, one, other, checkpoint, grantOther, holdWrite } = await openRivals();
      if (previous === 1) await one.storeDeadLetter(deadLetter(1, { attempts: 7 }), undefined, 1);
      const isHeld = holdWrite('checkpoint.w');
      const failure = failureOf(one.storeDeadLetter(deadLetter(1, { attempts: 8 }), 1, 1));
      await isHeld;
      expect(await deadLettersOf(other)).toHaveLength(1);
      await grantOther();
      await other.storeDeadLetter(deadLetter(1, { attempts: 9 }), 1, 2);

      proxy.releaseRequests();

      expect(await failure).toBeInstanceOf(LeaseLostError);
      expect((await deadLettersOf(other)).map(({ attempts }) => attempts)).toEqual([9]);
      expect(await checkpoint()).toBe(1);
    },
  );
});
