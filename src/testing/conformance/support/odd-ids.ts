/** Watcher ids that a faulty engine could confuse, for example if it trims, normalizes or truncates ids. */
export const oddIds: readonly string[] = [
  'w',
  'W',
  'w ',
  'w\u0000',
  '__proto__',
  '0',
  'é',
  'e\u0301',
  '\ud800',
  '\ud801',
  'x'.repeat(600),
];
