import { type Command, InvalidArgumentError } from 'commander';
import { type EventFilter, Operation } from '../../index.ts';

/** Options of the command line that select events. */
export interface FilterOptions {
  readonly type?: readonly string[];
  readonly operation?: readonly Operation[];
  readonly key?: readonly string[];
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

const OPERATIONS = Object.values(Operation).join(', ');

function collectOperation(value: string, previous: readonly Operation[] = []): readonly Operation[] {
  const operation = Object.values(Operation).find((name) => name === value.toUpperCase());
  if (operation === undefined) throw new InvalidArgumentError(`It must be one of ${OPERATIONS}.`);
  return [...previous, operation];
}

export const addFilterOptions = (command: Command): Command =>
  command
    .option('--type <name>', 'only events of this object type; can be repeated', collect)
    .option(
      '--operation <name>',
      `only events with this operation (${OPERATIONS}); can be repeated`,
      collectOperation,
    )
    .option('--key <key>', 'only events with this key; can be repeated', collect);

export const filterOf = ({ type, operation, key }: FilterOptions): EventFilter => ({
  ...(type && { objectTypes: type }),
  ...(operation && { operations: operation }),
  ...(key && { keys: key }),
});
