import fc from 'fast-check';
import { afterSequenceNumber, type EventIterator } from 'rx-watcher';
import * as commands from './commands.ts';

const anyNumber = fc.nat(12);

const iterator = fc.oneof<fc.Arbitrary<EventIterator>[]>(
  fc.constantFrom({ type: 'trim_horizon' }, { type: 'latest' }),
  fc.record({
    type: fc.constantFrom('at_sequence_number', 'after_sequence_number'),
    sequenceNumber: anyNumber,
  }),
  fc.record({ type: fc.constant('at_timestamp'), timestamp: fc.nat(2000) }),
);

const afterNumber = anyNumber.map(afterSequenceNumber);

// By number only: a position that takes a while to find is found after an earlier seek has finished.
const halt = fc.oneof<fc.Arbitrary<commands.Halt>[]>(fc.constant('stop'), fc.record({ to: afterNumber }));

const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 5 });

const often = (...all: fc.Arbitrary<commands.WatcherCommand>[]) => [...all, ...all, ...all];

/** Everything that may happen to a watcher; what makes it come along, more often. */
export const anyCommand = [
  ...often(
    keys.map(commands.append),
    fc.constant(commands.start()),
    fc.nat(2).map(commands.succeed),
    fc.nat(2).map(commands.succeed),
    fc.nat(600).map(commands.advance),
  ),
  fc.nat(2).map(commands.fail),
  fc.constant(commands.stop()),
  fc.constant(commands.pause()),
  fc.constant(commands.resume()),
  afterNumber.map(commands.seek),
  iterator.map(commands.seek),
  fc.array(halt, { minLength: 2, maxLength: 4 }).map(commands.halts),
  fc.constant(commands.collectGarbage()),
  fc.constant(commands.crash()),
];
