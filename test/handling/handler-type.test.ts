import type { EventHandler } from 'rx-watcher';
import type { EMPTY } from 'rxjs';
import { expectTypeOf, test } from 'vitest';

test('a handler gives a stream or nothing, also one that is declared as void, and no other value', () => {
  expectTypeOf<() => void>().toExtend<EventHandler>();
  expectTypeOf<() => Promise<void>>().toExtend<EventHandler>();
  expectTypeOf<() => typeof EMPTY | undefined>().toExtend<EventHandler>();
  expectTypeOf<() => number>().not.toExtend<EventHandler>();
});
