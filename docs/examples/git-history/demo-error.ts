/** What the user can put right: told in one line that says what is wrong and what to do. The exit code is 2. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
