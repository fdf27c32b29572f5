// Executables of the Node.js versions that the library supports, from the packages `node-<platform>-<architecture>` of npm.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Supported major versions of Node.js. */
export const NODE_VERSIONS = ['20', '22', '24', '26'];

/**
 * Returns the path of the executable of a major version. Installs the version into `.nodes` if it is missing; the running
 * version needs no installation.
 */
export function nodeOf(version) {
  if (process.versions.node.split('.')[0] === version) return process.execPath;
  const isWindows = process.platform === 'win32';
  const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;
  const folder = join(root, '.nodes', version);
  const file = join(folder, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  if (!existsSync(file)) {
    const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--prefix', folder];
    execFileSync('npm', ['install', ...options, `${name}@${version}`], {
      stdio: 'inherit',
      shell: isWindows,
    });
  }
  return file;
}
