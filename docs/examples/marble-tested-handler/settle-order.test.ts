import { watch } from 'rx-watcher';
import { createMemoryStore } from 'rx-watcher/memory';
import { assertMarbles, formatOutcome, playRequests, request } from 'rx-watcher/testing';
import { defer, EMPTY, map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { type OrderPlaced, settleOrder } from './settle-order.ts';

const outcomes = { a: 'handled 1', b: 'handled 2' };
const orders = {
  a: request({ objectType: 'Order', object: { customer: 'ann', total: 10 } } as const),
  b: request({ objectType: 'Order', object: { customer: 'bob', total: 20 } } as const),
};

describe('a watcher that settles orders', () => {
  let scheduler: TestScheduler;
  beforeEach(() => {
    scheduler = new TestScheduler(assertMarbles);
  });

  const settling = (services: Parameters<typeof settleOrder>[0], placed: string) => {
    const store = createMemoryStore<OrderPlaced>({ scheduler });
    playRequests(scheduler, store, placed, orders);
    return watch(store, 'settling', { initialBackoff: 3, handler: settleOrder(services) }).pipe(
      map(formatOutcome),
    );
  };

  it('the handler of an order charges, then sends the receipt, and has handled the event when the receipt is sent', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const charge = cold('  --(p|)    ', { p: 'payment-1' });
      const receipt = cold('   ---|    ');
      const placed = '       -a        ';
      const charged = '      -^-!      ';
      const sent = '         ---^--!   ';
      const expected = '     ------a   ';

      const settled = settling({ charge: () => charge, sendReceipt: () => receipt }, placed);

      expectObservable(settled).toBe(expected, outcomes);
      expectSubscriptions(charge.subscriptions).toBe(charged);
      expectSubscriptions(receipt.subscriptions).toBe(sent);
    });
  });

  it('the second order is charged after the first order is settled', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const charge = cold('  ---(p|)   ', { p: 'payment-1' });
      const receipt = cold('    -|     ');
      const placed = '       ab        ';
      const charged = ['     ^--!      ', '----^--!'];
      const expected = '     ----a---b ';

      const settled = settling({ charge: () => charge, sendReceipt: () => receipt }, placed);

      expectObservable(settled).toBe(expected, outcomes);
      expectSubscriptions(charge.subscriptions).toBe(charged);
    });
  });

  it('a failed receipt is sent again without another charge', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const charge = cold('  -(p|)  ', { p: 'payment-1' });
      const fails = cold('    -#    ');
      const works = cold('     --|  ');
      const charged = '      ^!     ';
      const sent = '         -^!    ';
      const sentAgain = '    --^-!  ';
      const expected = '     ----a  ';

      const receipts = [fails, works];
      const sendReceipt = () => defer(() => receipts.shift() ?? EMPTY);
      const settled = settling({ charge: () => charge, sendReceipt }, 'a');

      expectObservable(settled).toBe(expected, outcomes);
      expectSubscriptions(charge.subscriptions).toBe(charged);
      expectSubscriptions(fails.subscriptions).toBe(sent);
      expectSubscriptions(works.subscriptions).toBe(sentAgain);
    });
  });

  it('an order is charged again under the same key after a failure of the bank', () => {
    const keys: string[] = [];
    scheduler.run(({ cold, expectObservable }) => {
      const charge = (key: string) => {
        keys.push(key);
        return keys.length === 1 ? cold<string>('-#') : cold('-(p|)', { p: 'payment-1' });
      };
      //                  fails at 1, waits 3, is retried at 4
      const expected = ' ------a';

      expectObservable(settling({ charge, sendReceipt: () => cold('-|') }, 'a')).toBe(expected, outcomes);
    });
    expect(keys).toEqual(['order-event-1', 'order-event-1']);
  });

  it('the payment in flight is cancelled when the watcher is unsubscribed', () => {
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const charge = cold<string>('-----(p|)');
      const unsubscribed = '       ^--!     ';
      const charged = '            ^--!     ';

      expectObservable(
        settling({ charge: () => charge, sendReceipt: () => cold('|') }, 'a'),
        unsubscribed,
      ).toBe('');
      expectSubscriptions(charge.subscriptions).toBe(charged);
    });
  });
});
