import { startProcess } from '../program.ts';

const appendUntilKilled = new URL('../../crash/append-until-killed.mjs', import.meta.url);

/** Writes that a process acknowledged as durable before the process was killed. */
export interface Acknowledged {
  /** Ids of the events, by sequence number. */
  readonly ids: ReadonlyMap<number, string>;
  readonly checkpoint: number;
}

/** Starts a process that appends to a log, and kills it after it has acknowledged `count` events. */
export async function appendAndKill(path: string, run: number, count: number): Promise<Acknowledged> {
  const program = startProcess(appendUntilKilled, path, run);
  const ids = new Map<number, string>();
  let checkpoint = 0;
  for await (const line of program.lines) {
    const [key, value] = line.split(' ') as [string, string];
    if (key === 'checkpoint') checkpoint = Number(value);
    else ids.set(Number(key), value);
    if (ids.size >= count) void program.kill();
  }
  return { ids, checkpoint };
}
