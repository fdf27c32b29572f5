/**
 * Direction of the imports in src:
 *
 *   event, errors, validation <- scheduling <- engine/contract <- store <- operators <- handling <- watcher <- telemetry <- http <- inspector
 *
 * Each name is a folder of src or a file of that name. An engine (engine/memory, engine/lmdb, engine/jetstream) imports
 * the store and everything below it, but never another engine. The files of src itself are the entry points. Only the
 * command line, cli, imports them, as an application does.
 */
const base = ['event', 'errors', 'validation'];
const scheduling = [...base, 'scheduling'];
const contract = [...scheduling, 'engine/contract'];
const store = [...contract, 'store'];
const operators = [...store, 'operators'];
const layers = {
  event: base,
  errors: base,
  validation: base,
  scheduling,
  'engine/contract': contract,
  store,
  operators,
  handling: [...operators, 'handling'],
  watcher: [...operators, 'handling', 'watcher'],
  telemetry: [...operators, 'handling', 'watcher', 'telemetry'],
  http: [...operators, 'handling', 'watcher', 'telemetry', 'http'],
  inspector: [...operators, 'handling', 'watcher', 'telemetry', 'http', 'inspector'],
};
const engines = ['engine/memory', 'engine/lmdb', 'engine/jetstream'];
const known = [...Object.keys(layers), ...engines, 'testing', 'cli', 'inspector/page'];

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
    name: 'layer-engine',
    comment: 'An engine imports the store and its contract, never an operator, a watcher or another engine.',
    from: { path: '^src/engine/(memory|lmdb|jetstream)/' },
    to: { path: '^src/', pathNot: [inSrc(store), '^src/engine/$1/'] },
  },
  {
    name: 'cli-as-application',
    comment:
      'The command line uses the entry points, the opening for reading of LMDB, and the names of metrics and partitions.',
    from: { path: '^src/cli/' },
    to: {
      path: '^src/',
      pathNot: [
        '^src/(cli/|[^/]+[.]ts$)',
        '^src/engine/lmdb/open-read-only-store[.]ts$',
        '^src/telemetry/(metric|prometheus/text-format)[.]ts$',
        '^src/store/partition-id[.]ts$',
      ],
    },
  },
  {
    name: 'cli-alone',
    comment: 'The library does without the command line and its dependencies.',
    from: { path: '^src/', pathNot: '^src/cli/' },
    to: { path: ['^src/cli/', packageNamed('commander')] },
  },
  {
    name: 'cli-loads-engines-late',
    comment:
      'The packages of an engine are optional, so the command line imports an engine when it opens a store.',
    from: { path: '^src/cli/' },
    to: {
      path: ['^src/(lmdb|jetstream)[.]ts$', '^src/engine/'],
      dependencyTypesNot: ['dynamic-import', 'type-only'],
    },
  },
  {
    name: 'page-alone',
    comment: 'The page of the inspector runs in a browser: from the rest of src, it has only types.',
    from: { path: '^src/inspector/page/' },
    to: { path: '^src/', pathNot: '^src/inspector/page/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'page-is-bundled',
    comment: 'The page is no module of the library: the build bundles it.',
    from: { path: '^src/', pathNot: '^src/inspector/page/' },
    to: { path: '^src/inspector/page/' },
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
      path: [
        '^src/engine/(memory|lmdb|jetstream)/',
        '^src/testing/',
        packageNamed('lmdb'),
        packageNamed('@nats-io'),
        packageNamed('@opentelemetry'),
      ],
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
    from: { path: '^src/', pathNot: '^src/(engine/lmdb/|lmdb[.]ts$)' },
    to: { path: packageNamed('lmdb') },
  },
  {
    name: 'nats-in-its-place',
    comment: 'Only the JetStream engine imports the NATS clients.',
    from: { path: '^src/', pathNot: '^src/engine/jetstream/' },
    to: { path: packageNamed('@nats-io') },
  },
  {
    name: 'opentelemetry-in-its-place',
    comment: 'Only the entry point for OpenTelemetry imports its API.',
    from: { path: '^src/', pathNot: '^src/telemetry/opentelemetry/' },
    to: { path: packageNamed('@opentelemetry') },
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
    comment:
      'Every package that the library imports is a dependency of it. The page is bundled with its packages.',
    from: { path: '^src/', pathNot: '^src/inspector/page/' },
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
