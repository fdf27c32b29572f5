import type { Program } from '../support/program.ts';

/** Waits until a program has printed this line. */
export async function toldOf(program: Program, line: string): Promise<void> {
  while ((await program.told()) !== line);
}
