import { LeaseLostError } from 'rx-watcher';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { failureOf } from '../../../../src/testing/conformance/support/fault-paths.ts';
import { grant } from '../../../../src/testing/conformance/support/held-lease.ts';
import { letter, lettersOf } from '../../../../src/testing/conformance/support/letters.ts';
import { created } from '../../../../src/testing/conformance/support/requests.ts';
import { eachStream } from '../each-stream.ts';
import { openBucket } from '../raw-stream.ts';

const streams = eachStream();

/** A store that has the lease under token 1, and one checkpoint; what it sends can be held up. And another. */
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
  const depose = () => grant(other, { owner: 'other', token: 2 });
  /** Resolves when a write of a key that begins like this is held up; reads are let by. */
  const held = (key: string) => proxy.holdRequests(`HPUB $KV.${stream}_checkpoints.${key}`);
  const bucket = await openBucket(streams.server.url, `${stream}_checkpoints`);
  return { proxy, one, other, bucket, checkpoint, depose, held };
}

describe('a checkpoint under a lease on JetStream', () => {
  test('is refused as soon as another process was granted it, of which this one has not heard', async () => {
    const { one, checkpoint, depose } = await openRivals();
    await depose();

    expect(await failureOf(one.storeCheckpoint('w', 1, 1))).toBeInstanceOf(LeaseLostError);
    expect(await checkpoint()).toBe(0);
  });

  test('that was on its way meanwhile is refused, also where the other has stored none yet', async () => {
    const { proxy, one, checkpoint, depose, held } = await openRivals();
    const isHeld = held('checkpoint.w');
    const failure = failureOf(one.storeCheckpoint('w', 1, 1));
    await isHeld;
    await depose();

    proxy.letRequests();

    expect(await failure).toMatchObject({ code: 'ERR_LEASE_LOST', token: 1 });
    expect(await checkpoint()).toBe(0);
  });

  test('is stored by who has the lease, whoever has stored one before under the same or without', async () => {
    const { one, other, checkpoint } = await openRivals();
    await other.storeCheckpoint('w', 1, 1);
    await one.storeCheckpoint('w', 2, 1);
    expect(await checkpoint()).toBe(2);

    await other.storeCheckpoint('w', 0);
    await one.storeCheckpoint('w', 1, 1);

    expect(await checkpoint()).toBe(1);
  });

  test('is stored by any process under the newest token, whatever it has seen before', async () => {
    const { one, checkpoint, depose } = await openRivals();
    await depose();

    await one.storeCheckpoint('w', 1, 2);

    expect(await checkpoint()).toBe(1);
  });

  test('is not shut out by who was granted the lease before, and comes late with his token', async () => {
    const { proxy, one, other, checkpoint, held } = await openRivals();
    const isHeld = held('checkpoint.w');
    const late = grant(one, { owner: 'one', token: 2 });
    await isHeld;
    await grant(other, { owner: 'other', token: 3 });

    proxy.letRequests();
    await late;

    await other.storeCheckpoint('w', 1, 3);
    expect(await failureOf(one.storeCheckpoint('w', 2, 2))).toBeInstanceOf(LeaseLostError);
    expect(await checkpoint()).toBe(1);
  });

  test('that was forgotten leaves the token: an old one is refused as before', async () => {
    const { one, other, checkpoint, depose } = await openRivals();
    await depose();
    await other.storeCheckpoint('w', 1, 2);

    await one.deleteCheckpoint('w');

    expect(await firstValueFrom(other.checkpoints())).toEqual(new Map());
    expect(await failureOf(one.storeCheckpoint('w', 2, 1))).toBeInstanceOf(LeaseLostError);
    expect(await checkpoint()).toBeUndefined();
    await other.storeCheckpoint('w', 2, 2);
    expect(await checkpoint()).toBe(2);
  });
});

describe('a dead letter under a lease on JetStream', () => {
  test('under a token that is old already is refused before a copy of the event is made', async () => {
    const { one, bucket, depose } = await openRivals();
    await depose();

    expect(await failureOf(one.storeDeadLetter(letter(1), 1, 1))).toBeInstanceOf(LeaseLostError);
    expect(await bucket.get('copy.w.1')).toBeNull();
    await one.storeDeadLetter(letter(1), 1, 2);
    expect(await bucket.get('copy.w.1')).not.toBeNull();
  });

  test('that was on its way when the lease was lost is taken back', async () => {
    const { proxy, one, other, checkpoint, depose, held } = await openRivals();
    const isHeld = held('letter.w');
    const failure = failureOf(one.storeDeadLetter(letter(1), 1, 1));
    await isHeld;
    await depose();

    proxy.letRequests();

    expect(await failure).toMatchObject({ code: 'ERR_LEASE_LOST', token: 1 });
    expect(await lettersOf(other)).toEqual([]);
    expect(await checkpoint()).toBe(0);
  });

  test.each([1, undefined])(
    'that was on its way, with a checkpoint of %o, leaves the letter that was there before',
    async (seqNum) => {
      const { proxy, one, other, depose, held } = await openRivals();
      await one.storeDeadLetter(letter(1, { attempts: 7 }), undefined, 1);
      const isHeld = held('letter.w');
      const failure = failureOf(one.storeDeadLetter(letter(1, { attempts: 8 }), seqNum, 1));
      await isHeld;
      await depose();

      proxy.letRequests();

      expect(await failure).toBeInstanceOf(LeaseLostError);
      expect((await lettersOf(other)).map(({ attempts }) => attempts)).toEqual([7]);
    },
  );

  test.each(['copy.w', 'letter.w'])(
    'of which the %s is on its way is not written over that of the one who has the lease now',
    async (key) => {
      const { proxy, one, other, bucket, checkpoint, depose, held } = await openRivals();
      const isHeld = held(key);
      const failure = failureOf(one.storeDeadLetter(letter(1, { attempts: 8 }), 1, 1));
      await isHeld;
      await depose();
      await other.storeDeadLetter(letter(1, { attempts: 9 }), 1, 2);
      const before = await bucket.get('letter.w.1');

      proxy.letRequests();

      expect(await failure).toBeInstanceOf(LeaseLostError);
      expect((await lettersOf(other)).map(({ attempts }) => attempts)).toEqual([9]);
      expect((await bucket.get('letter.w.1'))?.revision).toBe(before?.revision);
      expect(await checkpoint()).toBe(1);
    },
  );

  test.each(['none', 'one'])(
    'is not taken back where it was written over since, and %s was before',
    async (before) => {
      const { proxy, one, other, checkpoint, depose, held } = await openRivals();
      if (before === 'one') await one.storeDeadLetter(letter(1, { attempts: 7 }), undefined, 1);
      const isHeld = held('checkpoint.w');
      const failure = failureOf(one.storeDeadLetter(letter(1, { attempts: 8 }), 1, 1));
      await isHeld;
      expect(await lettersOf(other)).toHaveLength(1);
      await depose();
      await other.storeDeadLetter(letter(1, { attempts: 9 }), 1, 2);

      proxy.letRequests();

      expect(await failure).toBeInstanceOf(LeaseLostError);
      expect((await lettersOf(other)).map(({ attempts }) => attempts)).toEqual([9]);
      expect(await checkpoint()).toBe(1);
    },
  );
});
