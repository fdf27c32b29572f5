import { type EventDocument, toPrettyJson } from './event-format.ts';
import { formatFields } from './table.ts';

/** Returns an event in full as lines: its fields, and its object as JSON. */
export function formatEvent({ metadata = {}, object, payload, ...fields }: EventDocument): string {
  const rows = [
    ...Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)]),
    ...Object.entries(metadata).map(([name, value]): [string, string] => [`metadata.${name}`, value]),
  ];
  const text =
    payload === undefined ? toPrettyJson(object) : `${payload} (base64: neither JSON nor MessagePack)`;
  return `${formatFields(rows, Number.POSITIVE_INFINITY)}\n\n${text}`;
}
