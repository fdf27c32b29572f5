/** Where warnings go; `console` and pino fit. */
export interface Logger {
  /** What helps to follow the library's doings. */
  debug(message: string): void;
  /** What is normal and worth knowing. */
  info(message: string): void;
  /** What works, but not as it was asked for. */
  warn(message: string): void;
  /** What failed and was not handed to anybody. */
  error(message: string): void;
}

/** Says nothing; the default. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
