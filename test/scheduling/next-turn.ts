/** Resolves in the next turn of the event loop: all microtasks have run by then, however long their chain. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
