/** Ids that an engine could take for one another, or for something else. */
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
