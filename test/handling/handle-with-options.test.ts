import { firstValueFrom, of } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/errors.ts';
import { type HandleWithOptions, handleWith } from '../../src/handling/handle-with.ts';
import { failureOf, faultPaths } from '../../src/testing/conformance/support/fault-paths.ts';
import { storedEvent } from '../support/events.ts';

const handling = (options: unknown) =>
  firstValueFrom(
    of(storedEvent(1)).pipe(handleWith(() => expect.fail('called'), options as HandleWithOptions)),
  );

describe('the options of handleWith', () => {
  it('handleWith rejects invalid options at subscription, with all faults in one error', async () => {
    const failure = await failureOf(
      handling({
        initialBackoff: -1,
        maxBackoff: Number.POSITIVE_INFINITY,
        jitter: 'full',
        maxRetries: 0.5,
        retryIf: true,
        retryStrategy: 'toString',
        handlerTimeout: Number.NaN,
        watcherId: ' ',
        scheduler: {},
      }),
    );

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure).toSorted()).toEqual([
      'handlerTimeout',
      'initialBackoff',
      'jitter',
      'maxBackoff',
      'maxRetries',
      'retryIf',
      'retryStrategy',
      'scheduler',
      'watcherId',
    ]);
  });

  it('handleWith rejects retryStrategy deadLetter', async () => {
    const failure = await failureOf(handling({ retryStrategy: 'deadLetter' }));

    expect(failure).toBeInstanceOf(InvalidOptionsError);
    expect(faultPaths(failure)).toEqual(['retryStrategy']);
    const both = await failureOf(handling({ retryStrategy: 'deadLetter', maxRetries: -1 }));
    expect(faultPaths(both)).toEqual(['maxRetries', 'retryStrategy']);
  });

  it.each([null, 5, 'skip'])('handleWith rejects the options %o', async (options) => {
    expect(await failureOf(handling(options))).toBeInstanceOf(InvalidOptionsError);
  });

  it('handleWith uses the default of an option with the value undefined', async () => {
    const options = { watcherId: undefined, retryStrategy: undefined, maxRetries: undefined };
    const outcome = await firstValueFrom(of(storedEvent(1)).pipe(handleWith(() => undefined, options)));

    expect(outcome).toEqual({ status: 'handled', seqNum: 1, event: storedEvent(1), attempts: 1 });
  });
});
