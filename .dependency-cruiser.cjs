/**
 * Which way imports go:
 *
 *   event, errors, validation, retention <- flow <- store <- operators, retry <- handling <- watcher
 *
 * Each name is a folder of src or a file of that name. An engine (stores/*) sees what is below the operators, and
 * never another engine. The files of src itself are the entry points; nothing imports them.
 */
const base = ['event', 'errors', 'validation', 'retention'];
const flow = [...base, 'flow'];
const contract = [...flow, 'store'];
const pipeline = [...contract, 'operators', 'retry'];
const layers = {
  event: base,
  errors: base,
  validation: base,
  retention: ['retention'],
  flow,
  store: contract,
  operators: pipeline,
  retry: pipeline,
  handling: [...pipeline, 'handling'],
  watcher: [...pipeline, 'handling', 'watcher'],
};
const known = [...Object.keys(layers), 'stores', 'testing', 'cli'];

const inSrc = (names) => `^src/(${names.join('|')})(/|[.]ts$)`;
const packageNamed = (name) => `(^|node_modules/)${name}(/|$)`;

const forbidden = [
  ...Object.entries(layers).map(([name, allowed]) => ({
    name: `layer-${name}`,
    comment: `In src, ${name} imports only ${allowed.join(', ')}.`,
    from: { path: inSrc([name]) },
    to: { path: '^src/', pathNot: inSrc(allowed) },
  })),
  {
    name: 'layer-stores',
    comment: 'An engine sees the contract, never an operator, a watcher or another engine.',
    from: { path: '^src/stores/([^/]+)/' },
    to: { path: '^src/', pathNot: [inSrc(contract), '^src/stores/$1/'] },
  },
  {
    name: 'layer-unknown',
    comment: 'A new folder of src needs its place in the layers above.',
    from: { path: '^src/[^/]+/', pathNot: inSrc(known) },
    to: {},
  },
  {
    name: 'core-without-engine',
    comment: 'To import rx-watcher loads no engine.',
    from: { path: '^src/index[.]ts$' },
    to: {
      path: ['^src/stores/', '^src/testing/', packageNamed('lmdb'), packageNamed('@nats-io')],
      reachable: true,
    },
  },
  {
    name: 'testing-stays-in-tests',
    comment: 'The test kit is for tests: the library itself does without it.',
    from: { path: '^(src|docs)/', pathNot: [inSrc(['testing']), '[.]test[.]ts$'] },
    to: { path: inSrc(['testing']) },
  },
  {
    name: 'src-alone',
    comment: 'The library knows neither its tests nor its documentation.',
    from: { path: '^src/' },
    to: { path: '^(test|docs)/' },
  },
  {
    name: 'examples-as-users',
    comment: 'Examples import the entry points, as a user would.',
    from: { path: '^docs/' },
    to: { path: ['^src/[^/]+/', '^test/'] },
  },
  {
    name: 'lmdb-in-its-place',
    comment: 'Only the LMDB engine imports lmdb.',
    from: { path: '^src/', pathNot: '^src/(stores/lmdb/|lmdb[.]ts$)' },
    to: { path: packageNamed('lmdb') },
  },
  {
    name: 'nats-in-its-place',
    comment: 'Only the JetStream engine imports the NATS clients.',
    from: { path: '^src/', pathNot: '^src/stores/jetstream/' },
    to: { path: packageNamed('@nats-io') },
  },
  {
    name: 'no-circular',
    comment: 'No module imports itself, by whatever way.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-unresolved',
    comment: 'Every import leads to a file.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'no-development-dependency',
    comment: 'What the library imports, its users have installed.',
    from: { path: '^src/' },
    to: {
      dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
      dependencyTypesNot: ['npm-peer', 'type-only'],
    },
  },
];

module.exports = {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // A package of its own, whose dependencies are not installed with those of the library.
    exclude: { path: '^test/bench/peers/' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
