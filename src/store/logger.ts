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

/** Returns a logger that passes messages on, and ignores what `logger` throws: a report that fails changes nothing else. */
export function guarded(logger: Logger): Logger {
  const safely =
    (level: keyof Logger) =>
    (message: string): void => {
      try {
        logger[level](message);
      } catch {
        // There is nowhere left to report it to.
      }
    };
  return { debug: safely('debug'), info: safely('info'), warn: safely('warn'), error: safely('error') };
}

/** Says nothing; the default. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
