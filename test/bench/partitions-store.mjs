/** Opens the store on which the benchmarks of partitions run: a file, or a stream. */
export async function openShared({ path, servers }) {
  if (path !== undefined) return (await import('rx-watcher/lmdb')).openLmdbStore({ path });
  return (await import('rx-watcher/jetstream')).openJetStreamStore({ servers, stream: 'partitions' });
}
