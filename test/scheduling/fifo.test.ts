import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Fifo } from '../../src/scheduling/fifo.ts';

it('Fifo returns the same values as an array with push and shift', () => {
  const steps = fc.array(fc.option(fc.integer(), { nil: undefined }));
  fc.assert(
    fc.property(steps, (values) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      for (const value of values) {
        if (value === undefined) expect(fifo.shift()).toBe(model.shift());
        else {
          fifo.push(value);
          model.push(value);
        }
        expect(fifo.isEmpty).toBe(model.length === 0);
      }
    }),
  );
});
