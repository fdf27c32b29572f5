import { useEffect, useState } from 'preact/hooks';

/** Holder of a value that components show, such as the current route. It is not an event store. */
export interface Store<T> {
  get(): T;
  /** Replaces the value and renders the components that use it. */
  set(value: T): void;
  /** Calls a function after each change. Returns a function that ends these calls. */
  subscribe(onChange: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(value, next)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
  };
}

/** Returns the value of a store, and renders the calling component again when the value changes. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(() => store.get());
  useEffect(() => {
    const update = () => setValue(() => store.get());
    update();
    return store.subscribe(update);
  }, [store]);
  return value;
}
