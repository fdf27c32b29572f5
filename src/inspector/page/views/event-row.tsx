import { Component } from 'preact';
import type { Row } from '../data/event-list.ts';
import { navigate } from '../data/route.ts';
import { formatCount, formatDate } from '../format/format.ts';
import { TimeOfDay } from '../parts/time.tsx';

interface RowProps {
  readonly row: Row;
  /** Index of the row in the list. */
  readonly position: number;
  /** Height of a row, in pixels. */
  readonly height: number;
  readonly isSelected: boolean;
  /** Address of the event in full; empty if the row has no event yet. */
  readonly href: string;
}

/** Id of the element of the selected row, which the grid names as its active descendant. */
export const SELECTED_ID = 'selected-event';

function Cells({ row, href }: Pick<RowProps, 'row' | 'href'>) {
  if (row === 'loading' || row === 'missing') {
    return (
      <span role="gridcell" class="quiet event-placeholder">
        {row === 'loading' ? '' : 'deleted from the log'}
      </span>
    );
  }
  const { seqNum, timestamp, operation, objectType, key, preview, problem } = row;
  return (
    <>
      <span role="gridcell" class="event-number">
        <a href={href} tabIndex={-1}>
          {formatCount(seqNum)}
        </a>
      </span>
      <span role="gridcell" class="event-time">
        <span class="quiet">{formatDate(new Date(timestamp)).slice(5)} </span>
        <TimeOfDay at={timestamp} />
      </span>
      <span role="gridcell" class={`operation operation-${operation}`}>
        {operation}
      </span>
      <span role="gridcell" class="event-type">
        {objectType}
      </span>
      <span role="gridcell" class="event-key">
        {key ?? ''}
      </span>
      <span role="gridcell" class="event-preview quiet">
        {problem === undefined ? preview : problem === 'hidden' ? 'hidden' : 'cannot be decoded'}
      </span>
    </>
  );
}

/** Row of the list of events. It renders again only when it changes, so that scrolling renders only the new rows. */
export class EventRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { row, position, height, isSelected, href } = this.props;
    return (
      next.row !== row ||
      next.position !== position ||
      next.height !== height ||
      next.isSelected !== isSelected ||
      next.href !== href
    );
  }

  /** Opens the event at a plain click on the row, unless the click has selected text or follows a link. */
  readonly open = (event: MouseEvent): void => {
    const { href } = this.props;
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (href === '' || !isPlain || event.target instanceof HTMLAnchorElement) return;
    if (getSelection()?.isCollapsed !== false) navigate(href);
  };

  override render({ row, position, height, isSelected, href }: RowProps) {
    return (
      <div
        role="row"
        id={isSelected ? SELECTED_ID : undefined}
        class={isSelected ? 'event-row event-selected' : 'event-row'}
        aria-rowindex={position + 2}
        aria-selected={isSelected}
        style={{ transform: `translateY(${position * height}px)` }}
        onClick={this.open}
      >
        <Cells row={row} href={href} />
      </div>
    );
  }
}
