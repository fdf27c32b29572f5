import type { JSX } from 'preact';

/** Shapes of 16 by 16 units. Each state has a different shape, so that no state is shown by colour alone. */
const SHAPES = {
  running: <path d="M5 3.2v9.6l8-4.8z" fill="currentColor" />,
  paused: <path d="M4 3h3v10H4zM9 3h3v10H9z" fill="currentColor" />,
  standby: (
    <>
      <circle cx="8" cy="8" r="5.2" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M8 5v3.2l2.2 1.4" fill="none" stroke="currentColor" stroke-width="1.6" />
    </>
  ),
  idle: <circle cx="8" cy="8" r="4.6" fill="none" stroke="currentColor" stroke-width="1.8" />,
  stopping: <rect x="4" y="4" width="8" height="8" fill="none" stroke="currentColor" stroke-width="1.8" />,
  stopped: <rect x="3.5" y="3.5" width="9" height="9" fill="currentColor" />,
  failed: <path d="M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4" stroke="currentColor" stroke-width="2.4" />,
  unknown: (
    <circle
      cx="8"
      cy="8"
      r="5"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-dasharray="2.6 2.2"
    />
  ),
  stale: (
    <path
      d="M4 2.5h8M4 13.5h8M5 3c0 3 6 7 6 10M11 3c0 3-6 7-6 10"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
    />
  ),
  good: <path d="M3 8.5l3.5 3.5L13 4.8" fill="none" stroke="currentColor" stroke-width="2" />,
  warning: (
    <path d="M8 2.2L14.6 13.6H1.4zM8 6.2v3.6M8 11.2v1" fill="none" stroke="currentColor" stroke-width="1.5" />
  ),
  overview: <path d="M2 2.5h5v5H2zM9 2.5h5v3H9zM9 7.5h5v6H9zM2 9.5h5v4H2z" fill="currentColor" />,
  watchers: (
    <>
      <path
        d="M1.2 8C3 4.8 5.3 3.4 8 3.4S13 4.8 14.8 8C13 11.2 10.7 12.6 8 12.600S3 11.2 1.2 8z"
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
      />
      <circle cx="8" cy="8" r="2.2" fill="currentColor" />
    </>
  ),
  events: <path d="M2 4h12M2 8h12M2 12h7" stroke="currentColor" stroke-width="1.8" />,
  'dead-letters': (
    <path d="M2 4h12v8.500H2zM2 4.500l6 4.5 6-4.5" fill="none" stroke="currentColor" stroke-width="1.5" />
  ),
  leases: (
    <>
      <circle cx="5" cy="8" r="3" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M8 8h6.500v3M11.5 8v2.2" fill="none" stroke="currentColor" stroke-width="1.6" />
    </>
  ),
  search: (
    <>
      <circle cx="7" cy="7" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path d="M10.3 10.300L14 14" stroke="currentColor" stroke-width="1.8" />
    </>
  ),
  empty: (
    <path
      d="M2 9.500h3.500l1 2h3l1-2H14M2 9.500L4 3.500h8l2 6v3.500H2z"
      fill="none"
      stroke="currentColor"
      stroke-width="1.3"
    />
  ),
  close: <path d="M4 4l8 8M12 4l-8 8" stroke="currentColor" stroke-width="1.6" />,
  previous: <path d="M10 3L5 8l5 5" fill="none" stroke="currentColor" stroke-width="1.8" />,
  next: <path d="M6 3l5 5-5 5" fill="none" stroke="currentColor" stroke-width="1.8" />,
} satisfies Record<string, JSX.Element>;

export type IconName = keyof typeof SHAPES;

/** Icon in the size of the text. Screen readers skip the icon, because there is always a text next to it. */
export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    {SHAPES[name]}
  </svg>
);
