// Runs tests on another version of Node.js: `npm run test:node -- 24 test/watcher`. Child processes use this version, too.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE_VERSIONS, nodeOf } from './node-versions.mjs';

const [version, ...filters] = process.argv.slice(2);
if (!NODE_VERSIONS.includes(version)) {
  process.stderr.write(
    `test:node: the version must be one of ${NODE_VERSIONS.join(', ')}; received ${version ?? 'none'}\n`,
  );
  process.exit(2);
}
const node = nodeOf(version);
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const args = [vitest, 'run', '--config', 'test/vitest.config.ts', ...filters];
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
process.stdout.write(`Node.js ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout}`);
process.exit(spawnSync(node, args, { stdio: 'inherit', env }).status ?? 1);
