import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Failure } from './messages.tsx';

interface ConfirmProps {
  /** Question, for example `Pause the watcher stock?`. */
  readonly title: string;
  /** Consequences of the action, and the fields that the action needs. */
  readonly children: ComponentChildren;
  /** Label of the button that confirms, a verb. */
  readonly verb: string;
  /** Whether the action cannot be undone. */
  readonly isDangerous?: boolean;
  /** Performs the action. The dialog stays open while the Promise is pending, and shows its error. */
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/**
 * Dialog that asks for confirmation of an action. The key Escape and the button `Cancel` close the dialog without the
 * action.
 */
export function Confirm({ title, children, verb, isDangerous = false, onConfirm, onClose }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isPending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    const opener = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // Return the focus here. The browser returns it only if the dialog is still in the document when the dialog closes.
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setPending(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
      setPending(false);
    }
  };
  return (
    <dialog
      ref={dialog}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        event.preventDefault();
        if (!isPending) onClose();
      }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <h2 id={`${id}-title`}>{title}</h2>
        <div id={`${id}-text`} class="dialog-text">
          {children}
        </div>
        {error !== undefined && <Failure error={error} />}
        <div class="dialog-buttons">
          <button type="button" onClick={onClose} disabled={isPending}>
            Cancel
          </button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={isPending}>
            {isPending ? 'Working…' : verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}
