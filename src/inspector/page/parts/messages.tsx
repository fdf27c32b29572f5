import type { ComponentChildren } from 'preact';
import { RequestError } from '../data/request.ts';
import { Icon, type IconName } from './icon.tsx';

/** Text that is shown instead of an empty list. */
export const Empty = ({
  title,
  icon = 'empty',
  children,
}: {
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}) => (
  <div class="message">
    <Icon name={icon} />
    <p class="message-title">{title}</p>
    {children && <div class="quiet">{children}</div>}
  </div>
);

/** Empty rows that reserve the space of a list until the list has arrived. */
export const Skeleton = ({ rows = 6 }: { readonly rows?: number }) => (
  <div class="skeleton" aria-busy="true">
    <span class="for-readers">Loading…</span>
    {Array.from({ length: rows }, (_, index) => (
      <div class="skeleton-row" key={index} />
    ))}
  </div>
);

/** Problem of a request, with a button that repeats the request. */
export function Failure({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const known = error instanceof RequestError ? error : undefined;
  return (
    <div class="notice notice-bad" role="alert">
      <Icon name="warning" />
      <div class="notice-text">
        <strong>{known?.title ?? 'The page could not show this'}</strong>
        <p>{known ? known.detail : String(error)}</p>
        {known?.code && <code class="quiet">{known.code}</code>}
      </div>
      {onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
