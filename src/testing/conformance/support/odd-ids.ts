/** Watcher ids that an engine could confuse with each other, or with other keys. */
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
