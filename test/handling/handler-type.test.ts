import type { EventHandler } from 'rx-watcher';
import type { EMPTY } from 'rxjs';
import { expectTypeOf, test } from 'vitest';

test('an event handler can return a Promise, an Observable or nothing, and no other value compiles', () => {
  expectTypeOf<() => void>().toExtend<EventHandler>();
  expectTypeOf<() => Promise<void>>().toExtend<EventHandler>();
  expectTypeOf<() => typeof EMPTY | undefined>().toExtend<EventHandler>();
  expectTypeOf<() => number>().not.toExtend<EventHandler>();
});
