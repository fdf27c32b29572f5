import { once } from 'node:events';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { interruption } from '../interruption.ts';

/** Minimum number of characters that are collected before they are written. */
const CHUNK_CHARACTERS = 64 * 1024;

/** Destination of lines of text: a new file, or the output. */
export interface LineSink {
  /** Adds a line. The Promise resolves when the sink accepts the next line. */
  writeLine(line: string): Promise<void>;
}

/** Collects lines and writes them in large pieces. */
function createLineBuffer(write: (text: string) => Promise<void>): LineSink & { flush(): Promise<void> } {
  let lines = '';
  const flush = async () => {
    const text = lines;
    lines = '';
    if (text !== '') await write(text);
  };
  return {
    async writeLine(line) {
      lines += `${line}\n`;
      if (lines.length >= CHUNK_CHARACTERS) await flush();
    },
    flush,
  };
}

async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const reason = exists
      ? 'the file exists, and no file is overwritten; remove it or choose another path'
      : (cause as Error).message;
    throw new Error(`cannot create '${path}': ${reason}`, { cause });
  }
}

/**
 * Calls a function with a sink of lines for a new file. The file is flushed to the disk at the end. If the function fails or
 * the command is interrupted, the file is removed.
 *
 * @throws {@link Error} if the file exists.
 */
export async function withNewFile(path: string, work: (sink: LineSink) => Promise<void>): Promise<void> {
  const file = await createFile(path);
  try {
    const buffer = createLineBuffer(async (text) => {
      await file.writeFile(text);
    });
    await work(buffer);
    interruption.throwIfAborted();
    await buffer.flush();
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Calls a function with a sink that writes lines to stdout. */
export async function withOutput(work: (sink: LineSink) => Promise<void>): Promise<void> {
  const buffer = createLineBuffer(async (text) => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal: interruption });
  });
  await work(buffer);
  await buffer.flush();
}
