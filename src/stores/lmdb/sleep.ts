const clock = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread for a time, in milliseconds: a file is opened synchronously. */
export const sleep = (milliseconds: number): void => void Atomics.wait(clock, 0, 0, milliseconds);
