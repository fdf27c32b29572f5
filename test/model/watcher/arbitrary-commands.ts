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

// All seeks are seeks to a number. A seek to any other target first reads the log, and an earlier seek settles during this
// read. In the model, all calls settle together.
const stopOrSeek = fc.oneof<fc.Arbitrary<commands.StopOrSeek>[]>(
  fc.constant('stop'),
  fc.record({ to: afterNumber }),
);

const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 5 });

const often = (...all: fc.Arbitrary<commands.WatcherCommand>[]) => [...all, ...all, ...all];

/** Commands for a watcher. Commands that lead to progress are more frequent than the others. */
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
  fc.array(stopOrSeek, { minLength: 2, maxLength: 4 }).map(commands.stopsAndSeeks),
  fc.constant(commands.collectGarbage()),
  fc.constant(commands.crash()),
];
