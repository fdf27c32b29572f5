import {
  type Attributes,
  context,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Subscription } from 'rxjs';
import type { Event } from '../../event/event.ts';
import type { HandleMessage } from '../../handling/handle-channel.ts';
import type { AppendMessage } from '../../store/append/append-channel.ts';
import { serializedErrors } from '../../store/dead-letter.ts';
import type { EventStore } from '../../store/event-store.ts';
import { errorTypeOf } from '../error-type.ts';
import { ATTRIBUTES, SYSTEM } from '../metric.ts';
import { onMessage } from '../on-message.ts';
import { appendedIn, metadataOf } from './trace-context.ts';

/** Relation of the span of a handler to the span in which its event was appended. */
export type Propagation = 'link' | 'parent' | 'none';

/** Adds the ids of the active span to the metadata of events that are appended inside this span. */
export const propagateAppends = <E extends Event>(store: EventStore<E>): Subscription =>
  onMessage('append', 'start', store, (message: AppendMessage) => {
    const span = trace.getActiveSpan();
    const metadata = span && metadataOf(span.spanContext());
    if (metadata !== undefined) message.metadata = { ...message.metadata, ...metadata };
  });

/**
 * Returns the attributes of the span of an attempt. Keys and metadata of events are not attributes, because they can be
 * personal data.
 */
function spanAttributes({ watcherId, attempt, events }: HandleMessage): Attributes {
  const first = events[0] as Event;
  // No properties are spread: a spread is slow, and this object is created for each attempt.
  const attributes: Attributes = {
    [ATTRIBUTES.system]: SYSTEM,
    [ATTRIBUTES.operation]: 'handle',
    [ATTRIBUTES.operationType]: 'process',
    [ATTRIBUTES.watcher]: watcherId,
    'messaging.message.id': first.id ?? String(first.seqNum),
    'rx_watcher.attempt': attempt,
    'rx_watcher.seq_num': first.seqNum,
    'rx_watcher.object_type': first.objectType,
    'rx_watcher.operation': first.operation,
  };
  if (events.length > 1) attributes['messaging.batch.message_count'] = events.length;
  return attributes;
}

/** Returns the spans in which the events of an attempt were appended. */
const appendsOf = (events: readonly Event[], propagation: Propagation): readonly SpanContext[] =>
  propagation === 'none' ? [] : events.map(appendedIn).filter((span) => span !== undefined);

function startSpan(tracer: Tracer, message: HandleMessage, propagation: Propagation): Span {
  const { watcherId, events } = message;
  const name = `handle ${watcherId}`;
  const options: SpanOptions = { kind: SpanKind.CONSUMER, attributes: spanAttributes(message) };
  const appends = appendsOf(events, propagation);
  const parent = appends[0];
  // A batch has several appends, but a span has only one parent. The span of a batch is therefore linked to the appends.
  if (propagation === 'parent' && parent !== undefined && events.length === 1) {
    return tracer.startSpan(name, options, trace.setSpanContext(context.active(), parent));
  }
  // The context of the handler can hold the span in which its watcher was created. If the span of each attempt were a child
  // of that span, all attempts would be part of one trace that never ends.
  return tracer.startSpan(name, {
    ...options,
    root: true,
    links: appends.map((span) => ({ context: span })),
  });
}

function endSpan(span: Span, { outcome, error }: HandleMessage): void {
  if (outcome === 'failed') {
    const [serialized = { name: '', message: '' }] = serializedErrors(error);
    span.recordException(serialized);
    span.setStatus({ code: SpanStatusCode.ERROR, message: serialized.message });
    span.setAttribute(ATTRIBUTES.errorType, errorTypeOf(error));
  } else if (outcome === 'abandoned') {
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'the run ended before the handler' });
    span.setAttribute(ATTRIBUTES.errorType, outcome);
  }
  span.end();
}

/**
 * Calls each handler of a store inside a new span, until the returned subscription is unsubscribed.
 *
 * @param tracerOf - Returns the tracer. If the result is `undefined`, the handler is called without a span.
 */
export function traceHandlers<E extends Event>(
  tracerOf: () => Tracer | undefined,
  store: EventStore<E>,
  propagation: Propagation,
): Subscription {
  // Property of a message that holds its span. Each call of `traceHandlers` has its own symbol, because a message has two spans
  // if its store is instrumented twice. A `WeakMap` would be slow for keys that live as short as messages.
  const spanKey = Symbol('span');
  type Traced = HandleMessage & { [spanKey]?: Span };
  const subscription = onMessage('handle', 'start', store, (message: Traced) => {
    const tracer = tracerOf();
    if (tracer === undefined) return;
    const span = startSpan(tracer, message, propagation);
    message[spanKey] = span;
    const { within } = message;
    message.within = (work) => context.with(trace.setSpan(context.active(), span), within, undefined, work);
  });
  subscription.add(
    onMessage('handle', 'asyncEnd', store, (message: Traced) => {
      const span = message[spanKey];
      if (span !== undefined) endSpan(span, message);
    }),
  );
  return subscription;
}
