import type { ComponentChildren } from 'preact';

interface FactsProps {
  /** Names and values. A value that is `undefined` or `null` is omitted. */
  readonly of: readonly (readonly [string, ComponentChildren])[];
  /** Whether the values change. Each value then has a place with a fixed width. */
  readonly isFixed?: boolean;
}

/** List of names and values. */
export const Facts = ({ of, isFixed = false }: FactsProps) => (
  <dl class={isFixed ? 'facts facts-fixed' : 'facts'}>
    {of.map(
      ([name, value]) =>
        value !== undefined &&
        value !== null && (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
    )}
  </dl>
);
