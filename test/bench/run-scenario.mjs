// A process of its own for a scenario: prints its figures. What V8 has made of the code depends on all that has run through it,
// and what one scenario has taught it, of another serializer or of filters, is not to be a part of another's figures.
import { scenarios } from './scenarios.mjs';

const [name, directory, rounds, sizes] = process.argv.slice(2);
const { run } = scenarios.find((scenario) => scenario.name === name);
const size = (full, small) => (sizes === 'quick' ? small : full);
const figures = await run({ rounds: Number(rounds), size, directory });
process.stdout.write(JSON.stringify(figures));
