import { tmpdir } from 'node:os';
import { program } from 'commander';
import { DIST } from './package-under-test.mjs';

/** Returns the command line of a stress test, with the options that all of them have; `seed` is the default seed. */
export const stressCommand = (name, seed = 1) =>
  program
    .name(name)
    .option('--seed <number>', 'seed of the random numbers', Number, seed)
    .option('--dir <directory>', 'parent directory of the data files', tmpdir())
    .option('--package <directory>', 'directory of the build to test', DIST)
    .option('--json', 'print the result as JSON', false);
