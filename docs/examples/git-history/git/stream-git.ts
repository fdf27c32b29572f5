import { endOfGit, startGit } from './git.ts';

/**
 * What git prints, in the chunks it comes in. Nothing is read ahead of the consumer: the pipe fills up and git waits.
 *
 * @param signal - Aborting it ends git, and that counts as a failure too.
 * @throws An Error when git fails: a history that breaks off must not look like one that ends.
 */
export async function* streamGit(
  directory: string,
  args: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal.throwIfAborted();
  const child = startGit(directory, args);
  const end = endOfGit(child);
  end.catch(() => {}); // a consumer that leaves early never asks how it ended
  const kill = () => child.kill();
  signal.addEventListener('abort', kill);
  try {
    yield* child.stdout ?? [];
    const { code, complaint } = await end;
    if (code !== 0) throw new Error(`git ended early (${code ?? 'killed'}): ${complaint}`);
  } finally {
    signal.removeEventListener('abort', kill);
    kill();
  }
}
