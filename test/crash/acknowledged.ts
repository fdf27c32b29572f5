import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const appendForEver = fileURLToPath(new URL('./append-for-ever.mjs', import.meta.url));

/** What a process was told was durable, before it was killed. */
export interface Acknowledged {
  /** The ids of the events, by number. */
  readonly ids: ReadonlyMap<number, string>;
  /** The checkpoint told last. */
  readonly checkpoint: number;
}

/** Has a process append to a log, and kills it once it has told of so many events. */
export async function appendAndKill(path: string, run: number, after: number): Promise<Acknowledged> {
  const child = spawn(process.execPath, [appendForEver, path, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ids = new Map<number, string>();
  let checkpoint = 0;
  for await (const line of createInterface(child.stdout)) {
    const [what, which] = line.split(' ') as [string, string];
    if (what === 'checkpoint') checkpoint = Number(which);
    else ids.set(Number(what), which);
    if (ids.size >= after) child.kill('SIGKILL');
  }
  return { ids, checkpoint };
}
