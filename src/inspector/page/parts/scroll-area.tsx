import type { ComponentChildren } from 'preact';

/** Text with a fixed font that scrolls if it is long. Keys can scroll it, so it can be focused and has a name. */
export const ScrollArea = ({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: an element that scrolls must be reachable by keyboard.
  <section class="scroll-area" tabIndex={0} aria-label={label}>
    <pre>{children}</pre>
  </section>
);
