import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../../crash/append-on-request.mjs', import.meta.url));

/** A process that has a log open. */
export interface OtherProcess {
  /** Appends events in the process. Resolves with the last sequence number when the events are durable. */
  append(count: number): Promise<number>;
  /** Closes the log and ends the process. */
  end(): Promise<void>;
}

/** Starts a process that has a log open. */
export async function otherProcess(path: string): Promise<OtherProcess> {
  const child = spawn(process.execPath, [script, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  await lines.next();
  return {
    async append(count) {
      child.stdin.write(`${count}\n`);
      return Number((await lines.next()).value);
    },
    async end() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
