import type { ComponentChildren } from 'preact';

/**
 * Text in a fixed-width font that can be scrolled if it is long. The element can have the focus and has a name, so that
 * users can scroll the text with keys.
 */
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
