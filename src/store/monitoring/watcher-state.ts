/**
 * State of a watcher.
 *
 * - `idle`: not started yet.
 * - `standby`: started, and waiting for a lease that another process holds.
 * - `running`: started, and delivering events.
 * - `paused`: started, and not delivering events. The position does not change.
 * - `stopping`: not delivering events; attempts in flight have not settled.
 * - `stopped`: ended by a stop or by the close of the store. It can be started again.
 * - `failed`: ended by an error, which is in `lastError`. It can be started again.
 *
 * @see [The states of a watcher](../../../docs/guides/watcher-states.md)
 */
export type WatcherState = 'idle' | 'standby' | 'running' | 'paused' | 'stopping' | 'stopped' | 'failed';
