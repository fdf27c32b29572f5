import type { CountedState } from '../../api.ts';
import { Icon } from './icon.tsx';

/** State of a watcher, as an icon and a word. */
export const State = ({ state }: { readonly state: CountedState }) => (
  <span class={`state state-${state}`}>
    <Icon name={state} />
    {state}
  </span>
);
