/** Resolves in the next turn of the event loop, after all microtasks of the current one. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
