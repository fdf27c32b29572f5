import type { ShownError } from '../../api.ts';
import { ScrollArea } from './scroll-area.tsx';

export const ErrorLine = ({ error }: { readonly error: ShownError }) => (
  <span class="error-line" title={error.message}>
    <span class="error-name">{error.name}</span>
    {error.hidden ? <span class="quiet"> message hidden</span> : error.message && `: ${error.message}`}
  </span>
);

/** Shows an error in full, followed by its causes. */
export const ErrorChain = ({ errors }: { readonly errors: readonly ShownError[] }) => (
  <ol class="errors">
    {errors.map((error, index) => (
      <li key={index}>
        {index > 0 && <p class="quiet">caused by</p>}
        <p class="error-full">
          <span class="error-name">{error.name}</span>
          {error.code && <code class="chip">{error.code}</code>}
          <span class="error-message">
            {error.hidden ? <span class="quiet">The message and the stack are hidden.</span> : error.message}
          </span>
        </p>
        {error.stack && (
          <details>
            <summary>Stack</summary>
            <ScrollArea label={`Stack of ${error.name}`}>{error.stack}</ScrollArea>
          </details>
        )}
      </li>
    ))}
  </ol>
);
