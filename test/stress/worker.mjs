// One process of the stress test. Works in its role until standard input ends, reports its state on standard output and
// records acknowledgements in its journal. The coordinator starts the process and can kill it at any time.
import { createJournal, readJournal } from './journal.mjs';
import { loadPackage } from './package-under-test.mjs';
import { createRandom } from './random.mjs';
import { audit } from './roles/audit.mjs';
import { collect } from './roles/collect.mjs';
import { compute } from './roles/compute.mjs';
import { fail } from './roles/fail.mjs';
import { look } from './roles/look.mjs';
import { pace } from './roles/pace.mjs';
import { put } from './roles/put.mjs';
import { readAll } from './roles/read-all.mjs';
import { reopen } from './roles/reopen.mjs';
import { stay } from './roles/stay.mjs';
import { transact } from './roles/transact.mjs';
import { watch } from './roles/watch.mjs';
import { createToolbox } from './toolbox.mjs';

/** Exit code of a role that failed. It is not 1, the exit code of an uncaught exception, which some roles cause on purpose. */
const FAILED = 70;

const ROLES = { audit, collect, compute, fail, look, pace, put, readAll, reopen, stay, transact, watch };

const { role, seed, journalPath, packageDirectory, ...options } = JSON.parse(process.argv[2]);
const recorded = readJournal(journalPath);
const journal = createJournal(journalPath);
const rx = await loadPackage(packageDirectory);

try {
  await ROLES[role](createToolbox({ rx, journal, recorded, random: createRandom(seed), ...options }));
  process.stdin.destroy();
} catch (error) {
  journal.note('failed', role, error.code ?? error.name, error.message);
  process.exit(FAILED);
}
