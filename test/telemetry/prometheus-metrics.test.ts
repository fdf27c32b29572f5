import { createManager, prometheusMetrics } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { firstValueFrom, lastValueFrom, take, timer } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { fillUp } from '../support/watcher/fill.ts';

const request = { operation: 'CREATE', objectType: 'Job', object: {} } as const;

/** Returns the samples of a text by their names with labels. */
const samplesOf = (text: string): ReadonlyMap<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))];
      }),
  );

const MAILER = 'messaging_consumer_group_name="mailer"';
const HANDLE = `messaging_system="rx_watcher",messaging_operation_name="handle",${MAILER}`;
const APPEND = 'messaging_system="rx_watcher",messaging_operation_name="append"';

describe('prometheusMetrics', () => {
  it('prometheusMetrics counts the attempts of a watcher since its creation, and contains its current lag, dead letters and state', async () => {
    const store = createMemoryStore();
    fillUp(store, 3);
    const manager = createManager(store);
    let calls = 0;
    const handler = () => {
      if (++calls < 3) throw new Error('no');
    };
    const options = { handler, retryStrategy: 'deadLetter', maxRetries: 1, initialBackoff: 1 } as const;
    const watcher = manager.create('mailer', { ...options, autoStart: true });
    await lastValueFrom(watcher.outcomes$.pipe(take(3)));
    await watcher.stop();
    fillUp(store, 2);
    const samples = samplesOf(await prometheusMetrics(manager));
    expect(samples.get(`messaging_client_consumed_messages_total{${HANDLE}}`)).toBe(3);
    expect(samples.get(`rx_watcher_retries_total{${HANDLE}}`)).toBe(1);
    expect(samples.get(`rx_watcher_lag{${MAILER}}`)).toBe(2);
    expect(samples.get('rx_watcher_log_size_bytes')).toBeGreaterThan(0);
    expect(samples.get(`rx_watcher_dead_letters{${MAILER}}`)).toBe(1);
    expect(samples.get(`rx_watcher_state{${MAILER},rx_watcher_state="stopped"}`)).toBe(1);
    expect(samples.get(`rx_watcher_state{${MAILER},rx_watcher_state="running"}`)).toBe(0);
  });

  it('prometheusMetrics counts the appends since its first call', async () => {
    const store = createMemoryStore();
    const manager = createManager(store);
    const first = samplesOf(await prometheusMetrics(manager));
    expect(first.get(`messaging_client_sent_messages_total{${APPEND}}`)).toBe(0);
    await store.storeEvents([request, request]);
    await store.storeEvent({} as never).catch(() => undefined);
    const samples = samplesOf(await prometheusMetrics(manager));
    expect(samples.get(`messaging_client_sent_messages_total{${APPEND}}`)).toBe(2);
    const failed = `messaging_client_sent_messages_total{${APPEND},error_type="InvalidRequestError"}`;
    expect(samples.get(failed)).toBe(1);
    expect(samples.get(`rx_watcher_append_duration_seconds_count`)).toBe(1);
  });

  it('prometheusMetrics contains the cumulative buckets, the sum and the number of measured durations', async () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    const store = createMemoryStore({ scheduler });
    const manager = createManager(store);
    await prometheusMetrics(manager);
    fillUp(store, 3);
    const durations = [4, 60, 20_000];
    scheduler.run(() => {
      const handler = () => timer(durations.shift() ?? 0, scheduler);
      manager.create('mailer', { handler, autoStart: true }).outcomes$.subscribe();
    });
    const samples = samplesOf(await prometheusMetrics(manager));
    const name = 'messaging_process_duration_seconds';
    const bucket = (le: string) => samples.get(`${name}_bucket{${HANDLE},le="${le}"}`);
    expect(['0.005', '0.05', '0.075', '10', '+Inf'].map(bucket)).toEqual([1, 1, 2, 2, 3]);
    expect(samples.get(`${name}_sum{${HANDLE}}`)).toBeCloseTo(20.064);
    expect(samples.get(`${name}_count{${HANDLE}}`)).toBe(3);
  });

  it('prometheusMetrics has one HELP line and one TYPE line before the samples of each metric', async () => {
    const store = createMemoryStore();
    const manager = createManager(store);
    manager.create('a');
    manager.create('b');
    const lines = (await prometheusMetrics(manager)).split('\n');
    expect(lines.pop()).toBe('');
    const lag = lines.filter((line) => line.includes('rx_watcher_lag') && !line.includes('lag_time'));
    expect(lag).toEqual([
      '# HELP rx_watcher_lag Events between the checkpoint of a watcher and the end of the log.',
      '# TYPE rx_watcher_lag gauge',
      'rx_watcher_lag{messaging_consumer_group_name="a"} 0',
      'rx_watcher_lag{messaging_consumer_group_name="b"} 0',
    ]);
    const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('prometheusMetrics escapes backslashes, quotes and line breaks in labels', async () => {
    const manager = createManager(createMemoryStore());
    manager.create('a "quoted"\\\nid');
    expect(await prometheusMetrics(manager)).toContain(
      'rx_watcher_lag{messaging_consumer_group_name="a \\"quoted\\"\\\\\\nid"} 0\n',
    );
  });

  it('prometheusMetrics counts each append of a store once, even if the store has two managers', async () => {
    const store = createMemoryStore();
    const [manager, other] = [createManager(store), createManager(store)];
    await Promise.all([prometheusMetrics(manager), prometheusMetrics(other)]);
    await store.storeEvent(request);
    for (const text of [await prometheusMetrics(manager), await prometheusMetrics(other)]) {
      expect(samplesOf(text).get(`messaging_client_sent_messages_total{${APPEND}}`)).toBe(1);
    }
  });

  it('prometheusMetrics omits the figures of a store that was closed', async () => {
    const store = createMemoryStore();
    const manager = createManager(store);
    const watcher = manager.create('mailer', { handler: () => undefined, autoStart: true });
    fillUp(store, 1);
    await firstValueFrom(watcher.outcomes$);
    await store.close();
    const samples = samplesOf(await prometheusMetrics(manager));
    expect(samples.get(`rx_watcher_state{${MAILER},rx_watcher_state="stopped"}`)).toBe(1);
    expect(samples.has(`rx_watcher_dead_letters{${MAILER}}`)).toBe(false);
    expect(samples.has('rx_watcher_log_size_bytes')).toBe(false);
  });

  it('prometheusMetrics rejects an argument that is not a manager', async () => {
    await expect(prometheusMetrics(createMemoryStore() as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTIONS',
    });
  });
});
