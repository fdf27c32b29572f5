import { handleWith } from 'rx-watcher';
import { lastValueFrom, of } from 'rxjs';
import { expect, test } from 'vitest';
import { storedEvent } from '../support/events.ts';

const event = storedEvent(1);

const ran: string[] = [];
async function* generate() {
  ran.push('generator');
  yield 1;
}
const readable = () =>
  new ReadableStream(
    {
      pull(controller) {
        ran.push('stream');
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );

test.each([
  ['generator', async () => generate()],
  ['stream', async () => readable()],
])(
  'handleWith reads the whole %s to which an async handler resolves before it emits the outcome',
  async (name, handler) => {
    ran.length = 0;

    const outcome = await lastValueFrom(of(event).pipe(handleWith(handler as never)));

    expect(outcome.status).toBe('handled');
    expect(ran).toEqual([name]);
  },
);
