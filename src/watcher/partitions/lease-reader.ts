import {
  defer,
  EMPTY,
  expand,
  from,
  map,
  mergeMap,
  type Observable,
  switchMap,
  takeLast,
  toArray,
} from 'rxjs';
import type { Lease, LeaseTable } from '../../engine/contract/lease-table.ts';
import { memberId } from '../../store/partition-id.ts';

/** Maximum number of concurrent reads of leases. On a remote store, each read is a request to the server. */
const CONCURRENT_READS = 32;

/**
 * Reader of the leases of one watcher: the leases of its partitions and of its members. Each lease is read by its id,
 * because a store can have thousands of other leases.
 */
export class LeaseReader {
  readonly #leases: LeaseTable;
  readonly #watcherId: string;
  readonly #partitionIds: readonly string[];
  /** Number of the first slot that no member has used, as far as this reader knows. */
  #slots = 0;

  constructor(leases: LeaseTable, watcherId: string, partitionIds: readonly string[]) {
    this.#leases = leases;
    this.#watcherId = watcherId;
    this.#partitionIds = partitionIds;
  }

  /** Emits the stored leases by their ids. Leases of members are in the order of their slots. */
  read(): Observable<ReadonlyMap<string, Lease>> {
    return this.#readMembers().pipe(
      switchMap((members) =>
        this.#readEach(this.#partitionIds).pipe(map((partitions) => new Map([...members, ...partitions]))),
      ),
    );
  }

  /** Emits the stored leases of members. */
  readMembers(): Observable<ReadonlyMap<string, Lease>> {
    return this.#readMembers().pipe(map((members) => new Map(members)));
  }

  /** Reads all slots that were used at the last read, and then further slots, until it finds one that was never used. */
  #readMembers(): Observable<readonly (readonly [string, Lease])[]> {
    const read = (first: number, last: number) =>
      this.#readEach(
        Array.from({ length: last - first + 1 }, (_, index) => memberId(this.#watcherId, first + index)),
      );
    return defer(() => read(0, this.#slots)).pipe(
      expand((found) => {
        if (found.length <= this.#slots) return EMPTY;
        const first = found.length;
        this.#slots = first;
        return read(first, first).pipe(map((more) => [...found, ...more]));
      }),
      takeLast(1),
    );
  }

  #readEach(ids: readonly string[]): Observable<readonly (readonly [string, Lease])[]> {
    return from(ids).pipe(
      mergeMap((id) => this.#leases.get(id).pipe(map((lease) => [id, lease] as const)), CONCURRENT_READS),
      toArray(),
      map((rows) => {
        const byId = new Map(rows);
        return ids.flatMap((id) => {
          const lease = byId.get(id);
          return lease === undefined ? [] : [[id, lease] as const];
        });
      }),
    );
  }
}
