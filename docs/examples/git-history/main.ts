import { parseCommandLine } from './command-line.ts';
import { DemoError } from './demo-error.ts';
import { printable } from './printable.ts';
import { runDemo } from './run-demo.ts';

/** Exit codes: 0 when all is done, 1 on a failure, 2 on what the user can put right, 130 when the user stopped it. */
async function main(argv: readonly string[]): Promise<number> {
  try {
    const commandLine = parseCommandLine(argv);
    return commandLine === undefined ? 0 : await runDemo(commandLine);
  } catch (error) {
    const code = error instanceof DemoError ? 2 : 1;
    const text = `error: ${printable(error instanceof Error ? error.message : String(error))}\n`;
    // Where no NATS server answers, the client leaves a socket open, for which Node would wait.
    process.stderr.write(text, () => process.exit(code));
    return code;
  }
}

process.exitCode = await main(process.argv.slice(2));
