// Program for a separate process, with a separate SDK of OpenTelemetry. It watches a log, and prints each ended span as JSON.
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { watch } from '../../dist/index.js';
import { openLmdbStore } from '../../dist/lmdb.js';
import { instrument } from '../../dist/opentelemetry.js';

const [, , path, propagation] = process.argv;
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Exports each span as a line of JSON. */
const exporter = {
  export(spans, done) {
    for (const span of spans) {
      const { name, kind, links, parentSpanContext } = span;
      const { traceId, spanId } = span.spanContext();
      print({
        name,
        kind,
        traceId,
        spanId,
        parentSpanId: parentSpanContext?.spanId,
        links: links.map((link) => link.context),
      });
    }
    done({ code: 0 });
  },
  shutdown: async () => undefined,
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
);

const store = openLmdbStore({ path });
instrument(store, { propagation });
/** Handler that creates another span after an `await`, as an instrumented client library does. */
const handler = async () => {
  await Promise.resolve();
  trace.getTracer('client').startSpan('send mail').end();
};
watch(store, 'mailer', { handler }).subscribe();
print('ready');
process.stdin.resume().once('end', () => store.close());
