// Runs one scenario in its own process and prints its figures. V8 optimizes for all code that ran before, so a serializer or a
// filter of one scenario could change the figures of another.
import { scenarios } from './scenarios.mjs';

const [name, directory, rounds, sizes] = process.argv.slice(2);
const { run } = scenarios.find((scenario) => scenario.name === name);
const size = (full, small) => (sizes === 'quick' ? small : full);
const figures = await run({ rounds: Number(rounds), size, directory });
process.stdout.write(JSON.stringify(figures));
