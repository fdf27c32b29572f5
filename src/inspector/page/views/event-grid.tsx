import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { EventList } from '../data/event-list.ts';
import { formatCount } from '../format/format.ts';
import { EventRow, SELECTED_ID } from './event-row.tsx';

interface GridProps {
  readonly list: EventList;
  /** Number of events that were added at the start of the list. */
  readonly added: number;
  /** Sequence number of the event that is shown in full. */
  readonly selected: number | undefined;
  readonly hrefOfEvent: (seqNum: number) => string;
  /** Called when the user selects another event with the keyboard. */
  readonly onSelect: (seqNum: number) => void;
}

/** Number of rows that are rendered before the visible rows, and after them. */
const OVERSCAN = 8;

/** Height of a row in pixels, which must be equal in the style sheet. On a narrow screen, a row has two lines. */
function useRowHeight(): number {
  const query = matchMedia('(max-width: 720px)');
  const [isNarrow, setNarrow] = useState(query.matches);
  useEffect(() => {
    const update = () => setNarrow(query.matches);
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  return isNarrow ? 54 : 30;
}

const HEADS = ['Number', 'Time', 'Operation', 'Type', 'Key', 'Object'];

/** Last row, which shows the state of the search for older events. */
function Footer({ list }: { readonly list: EventList }) {
  if (list.error !== undefined) {
    return (
      <>
        <span>Older events could not be read.</span>{' '}
        <button type="button" class="small" onClick={() => list.retry()}>
          Try again
        </button>
      </>
    );
  }
  if (list.isComplete) return <>{list.isFiltered ? 'No older event matches' : 'Oldest event'}</>;
  if (!list.isFiltered) return <>Older events: go to their number</>;
  return <>Searching before {formatCount(list.searchedTo)} …</>;
}

/**
 * List of events, in which only the visible rows exist. Rows of an HTML table cannot be positioned, so the list consists of
 * other elements with the roles of a grid. The grid has the focus, and not its cells. The arrow keys select the next or
 * previous event. While the user has scrolled down, new events do not move the visible rows.
 */
export function EventGrid({ list, added, selected, hrefOfEvent, onSelect }: GridProps) {
  const frame = useRef<HTMLDivElement>(null);
  const rowHeight = useRowHeight();
  const [view, setView] = useState({ top: 0, height: 600 });
  const first = Math.max(0, Math.floor(view.top / rowHeight) - OVERSCAN);
  const last = Math.min(list.count - 1, Math.ceil((view.top + view.height) / rowHeight) + OVERSCAN);

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  // `added` is a dependency, because added events move the rows.
  useEffect(() => list.show(first, last), [list, first, last, added]);

  const shown = useRef({ list, added });
  useLayoutEffect(() => {
    const element = frame.current;
    const count = added - shown.current.added;
    const isSame = shown.current.list === list;
    shown.current = { list, added };
    if (element === null) return;
    if (!isSame) element.scrollTop = 0;
    else if (count > 0 && element.scrollTop > rowHeight) element.scrollTop += count * rowHeight;
  }, [list, added, rowHeight]);

  const index = selected === undefined ? undefined : list.indexOf(selected);
  // The list scrolls to the selected event only when the selection changes.
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null || index === undefined) return;
    const top = index * rowHeight;
    const { scrollTop, clientHeight } = element;
    const room = clientHeight - rowHeight * 2;
    const distance = top - scrollTop;
    if (distance >= 0 && distance < room) return;
    // If the selected event is the next one beyond the edge, the list scrolls by one row. Any other event is shown in the
    // middle.
    if (distance < 0 && distance >= -rowHeight) element.scrollTop = top;
    else if (distance >= room && distance < room + rowHeight * 2) element.scrollTop = top - room + rowHeight;
    else element.scrollTop = Math.max(0, top - clientHeight / 2);
  }, [list, selected]);

  // Index from which the next key continues. While a key is held down, it can differ from the index that the page has drawn.
  const current = useRef(index);
  useLayoutEffect(() => {
    current.current = index;
  }, [index]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = current.current === undefined ? Math.ceil(view.top / rowHeight) : current.current + step;
    const row = list.row(next);
    event.preventDefault();
    if (next < 0 || next >= list.count || typeof row !== 'object') return;
    current.current = next;
    onSelect(row.seqNum);
  };

  const rows = [];
  for (let position = first; position <= last; position += 1) {
    const row = list.row(position);
    const seqNum = typeof row === 'object' ? row.seqNum : undefined;
    rows.push(
      <EventRow
        key={seqNum ?? `row-${position}`}
        row={row}
        position={position}
        height={rowHeight}
        isSelected={position === index}
        href={seqNum === undefined ? '' : hrefOfEvent(seqNum)}
      />,
    );
  }
  return (
    <div
      class="event-grid"
      ref={frame}
      role="grid"
      tabIndex={0}
      aria-label="Events, the newest first"
      aria-rowcount={list.isComplete ? list.count + 2 : -1}
      aria-activedescendant={index === undefined ? undefined : SELECTED_ID}
      onKeyDown={onKeyDown}
    >
      <div role="row" class="event-row event-head" aria-rowindex={1}>
        {HEADS.map((head) => (
          <span role="columnheader" key={head}>
            {head}
          </span>
        ))}
      </div>
      <div role="rowgroup" class="event-rows" style={{ height: `${list.count * rowHeight}px` }}>
        {rows}
      </div>
      <div role="row" class="event-foot" aria-rowindex={list.count + 2}>
        <span role="gridcell" class="quiet">
          <Footer list={list} />
        </span>
      </div>
    </div>
  );
}
