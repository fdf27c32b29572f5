import { defer, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { coalescedReads } from '../../src/scheduling/coalesced-reads.ts';
import { inVirtualTime } from '../support/virtual-time.ts';

describe('coalescedReads', () => {
  it(
    'coalescedReads reads at each request, and reads again after a read during which requests were made',
    inVirtualTime(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const requests = hot('a--------bcd-------|');
      const read = cold('   --r|                ');
      const expected = '    --r--------r--r----|';

      expectObservable(coalescedReads(requests, read)).toBe(expected);
      expectSubscriptions(read.subscriptions).toBe(['^--!', '---------^--!', '------------^--!']);
    }),
  );

  it('coalescedReads reads again after a read without a value during which a request was made', () => {
    const requests$ = new Subject<void>();
    const reads: Subject<number>[] = [];
    const read = () => {
      reads.push(new Subject());
      return reads.at(-1) as Subject<number>;
    };
    const values: number[] = [];
    coalescedReads(requests$, defer(read)).subscribe((value) => values.push(value));
    requests$.next();
    requests$.next();
    reads[0]?.complete();
    reads[1]?.next(1);
    expect(values).toEqual([1]);
  });
});
