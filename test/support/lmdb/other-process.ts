import { startProcess } from '../program.ts';

const SCRIPT = new URL('../../crash/append-on-request.mjs', import.meta.url);

/** A process that has a log open. */
export interface OtherProcess {
  /** Appends events in the process. Resolves with the last sequence number when the events are durable. */
  append(count: number): Promise<number>;
  /** Closes the log and ends the process. */
  end(): Promise<void>;
}

export async function otherProcess(path: string): Promise<OtherProcess> {
  const program = startProcess(SCRIPT, path);
  await program.readLine();
  return {
    async append(count) {
      program.writeLine(String(count));
      return Number(await program.readLine());
    },
    end: () => program.end(),
  };
}
