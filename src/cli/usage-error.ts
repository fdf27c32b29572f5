/** Wrong usage of the command line. The command ends with exit code 2, and has changed nothing. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
