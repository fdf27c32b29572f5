import { useMemo, useState } from 'preact/hooks';
import { formatBytes } from '../format/format.ts';
import { ScrollArea } from './scroll-area.tsx';

/** Number of characters that are shown at first, because a longer text would make the page slow. */
const LIMIT = 50_000;

/** Pattern of the texts, numbers and words of a JSON document. A text before a colon is the name of a field. */
const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Splits a JSON document into text nodes and coloured spans. */
function highlighted(json: string) {
  const parts = [];
  let end = 0;
  for (const match of json.matchAll(TOKENS)) {
    const [token, text, colon, word] = match;
    parts.push(json.slice(end, match.index));
    const kind = text ? (colon ? 'name' : 'text') : word ? 'word' : 'number';
    parts.push(<span class={`json-${kind}`}>{text ?? token}</span>);
    if (colon) parts.push(colon);
    end = match.index + token.length;
  }
  parts.push(json.slice(end));
  return parts;
}

/** JSON document with indentation and colours. */
export function JsonView({ value, label }: { readonly value: unknown; readonly label: string }) {
  const [isWhole, setWhole] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const json = useMemo(() => JSON.stringify(value, null, 2) ?? 'undefined', [value]);
  const isLong = json.length > LIMIT && !isWhole;
  const shown = useMemo(() => highlighted(isLong ? json.slice(0, LIMIT) : json), [json, isLong]);
  const copy = async () => {
    await navigator.clipboard.writeText(json);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div class="json">
      <ScrollArea label={label}>
        {shown}
        {isLong && '…'}
      </ScrollArea>
      <div class="json-tools">
        {isLong && (
          <button type="button" class="small" onClick={() => setWhole(true)}>
            Show all {formatBytes(json.length)}
          </button>
        )}
        {/* The clipboard exists only on pages with a secure address. */}
        {navigator.clipboard && (
          <button type="button" class="small" onClick={() => void copy()}>
            {isCopied ? 'Copied' : 'Copy'}
          </button>
        )}
      </div>
    </div>
  );
}
