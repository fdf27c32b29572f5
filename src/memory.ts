/**
 * The store that keeps everything in memory: for tests, in virtual time too, and for what need not outlive its process.
 *
 * @module rx-watcher/memory
 */
export { createMemoryStore, type MemoryStoreOptions } from './engine/memory/memory-store.ts';
