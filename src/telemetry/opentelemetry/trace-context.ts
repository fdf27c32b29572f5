import { createTraceState, isSpanContextValid, type SpanContext } from '@opentelemetry/api';
import type { Event } from '../../event/event.ts';
import type { Metadata } from '../../event/event-context.ts';

/** Names of the metadata fields that carry a trace, as in the W3C Trace Context and in CloudEvents. */
const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

const FORMAT =
  /^(?!ff)[\da-f]{2}-(?<traceId>[\da-f]{32})-(?<spanId>[\da-f]{16})-(?<flags>[\da-f]{2})(?:-.*)?$/;

/**
 * Returns the metadata that carries a span; `undefined` if the span context is not valid.
 *
 * The propagator that the process has registered is not used, because the format of a stored event must not depend on the
 * process that appended the event.
 */
export function metadataOf(span: SpanContext): Metadata {
  if (!isSpanContextValid(span)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = span;
  const flags = traceFlags.toString(16).padStart(2, '0');
  const state = traceState?.serialize();
  return {
    [TRACEPARENT]: `00-${traceId}-${spanId}-${flags}`,
    ...(state && { [TRACESTATE]: state }),
  };
}

/** Returns the span in which an event was appended; `undefined` if its metadata names no valid span. */
export function appendedIn({ metadata }: Event): SpanContext | undefined {
  const traceparent = metadata?.[TRACEPARENT];
  if (metadata === undefined || traceparent === undefined) return undefined;
  const { traceId, spanId, flags } = FORMAT.exec(traceparent)?.groups ?? {};
  if (traceId === undefined || spanId === undefined) return undefined;
  const state = metadata[TRACESTATE];
  const span: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags as string, 16),
    isRemote: true,
    ...(state !== undefined && { traceState: createTraceState(state) }),
  };
  return isSpanContextValid(span) ? span : undefined;
}
