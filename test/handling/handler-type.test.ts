import type { EventHandler } from 'rx-watcher';
import type { EMPTY } from 'rxjs';
import { expectTypeOf, test } from 'vitest';

test('an event handler returns a stream or void, and no other type compiles', () => {
  expectTypeOf<() => void>().toExtend<EventHandler>();
  expectTypeOf<() => Promise<void>>().toExtend<EventHandler>();
  expectTypeOf<() => typeof EMPTY | undefined>().toExtend<EventHandler>();
  expectTypeOf<() => number>().not.toExtend<EventHandler>();
});
