import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { HistoryScript } from './history-script.ts';

/** A repository with a generated history. */
export interface GeneratedRepository {
  readonly directory: string;
  /** Adds commits with about `changes` file changes. */
  grow(changes: number): Promise<void>;
}

/** Creates a bare repository of about `changes` file changes, the same for the same seed. */
export async function makeRepository(
  directory: string,
  changes: number,
  seed = 1,
): Promise<GeneratedRepository> {
  const made = spawnSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', directory]);
  if (made.status !== 0) throw new Error(`git init failed: ${made.stderr}`);
  const script = new HistoryScript(seed);
  const grow = (more: number) => fastImport(directory, script.write(more));
  await grow(changes);
  return { directory, grow };
}

async function fastImport(directory: string, script: Iterable<string>): Promise<void> {
  const git = spawn('git', ['-C', directory, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const closed = once(git, 'close');
  await pipeline(Readable.from(script), git.stdin);
  const [code] = await closed;
  if (code !== 0) throw new Error(`git fast-import failed: ${code}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [directory, changes, seed] = process.argv.slice(2);
  if (directory === undefined) throw new Error('usage: make-repository.js DIRECTORY [CHANGES [SEED]]');
  await makeRepository(directory, Number(changes ?? 100_000), Number(seed ?? 1));
}
