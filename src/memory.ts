/**
 * Event store in memory: for tests in real or virtual time, and for events that need not outlive the process.
 *
 * @module rx-watcher/memory
 */
export { createMemoryStore, type MemoryStoreOptions } from './engine/memory/memory-store.ts';
