import { useState } from 'preact/hooks';
import type { SeekBody, WatcherAction, WatcherActionResult, WatcherRow } from '../../api.ts';
import { announce } from '../data/announce.ts';
import { apiPath, postJson } from '../data/request.ts';
import { formatCount } from '../format/format.ts';
import { Confirm } from '../parts/confirm.tsx';
import { RedriveAll } from './dead-letter-actions.tsx';
import { SeekFields, type SeekTarget, toIterator } from './seek-fields.tsx';

interface Described {
  readonly label: string;
  readonly effect: string;
}

/** Labels of the actions, and descriptions of their effects for the dialog. */
const ACTIONS: Readonly<Record<Exclude<WatcherAction, 'seek'>, Described>> = {
  start: { label: 'Start', effect: 'It continues after its checkpoint.' },
  stop: {
    label: 'Stop',
    effect:
      'It ends after the attempts in flight and keeps its checkpoint. The lag grows until it is started again.',
  },
  pause: {
    label: 'Pause',
    effect:
      'No further event is delivered, and the lag grows until it is resumed. Attempts in flight are completed.',
  },
  resume: { label: 'Resume', effect: 'It continues with the next event.' },
};

/**
 * Buttons for the actions that are possible in the state of a watcher. Each button opens a dialog that asks for
 * confirmation.
 */
export function WatcherActions({ row }: { readonly row: WatcherRow }) {
  const { id, actions, checkpoint } = row;
  const [open, setOpen] = useState<WatcherAction | 'redrive'>();
  const [target, setTarget] = useState<SeekTarget>({ type: 'after_sequence_number', value: '' });
  const close = () => setOpen(undefined);
  const perform = async (action: WatcherAction, body: SeekBody | Record<string, never>) => {
    const { state } = await postJson<WatcherActionResult>(apiPath(['watchers', id, action]), body);
    announce(action === 'seek' ? `${id} has moved to the position, and is ${state}` : `${id} is ${state}`);
  };
  const openSeek = () => {
    setTarget({ type: 'after_sequence_number', value: checkpoint === undefined ? '' : String(checkpoint) });
    setOpen('seek');
  };
  return (
    <div class="actions">
      {(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[])
        .filter((action) => actions.includes(action))
        .map((action) => (
          <button type="button" key={action} onClick={() => setOpen(action)}>
            {ACTIONS[action].label}
          </button>
        ))}
      {actions.includes('seek') && (
        <button type="button" onClick={openSeek}>
          Seek
        </button>
      )}
      {actions.includes('redrive') && (
        <button type="button" onClick={() => setOpen('redrive')}>
          Redrive dead letters
        </button>
      )}
      {open === 'redrive' && <RedriveAll watcherId={id} onClose={close} />}
      {open === 'seek' && (
        <Confirm
          title={`Seek ${id}?`}
          verb="Seek"
          isDangerous
          onConfirm={async () => perform('seek', { iterator: toIterator(target) })}
          onClose={close}
        >
          <p>
            The watcher moves to another position and continues there. Backwards, its handler gets events
            again. Forwards, it never gets the events in between.
          </p>
          <p class="quiet">Checkpoint now: {formatCount(checkpoint)}</p>
          <SeekFields target={target} onChange={setTarget} />
        </Confirm>
      )}
      {open !== undefined && open !== 'redrive' && open !== 'seek' && (
        <Confirm
          title={`${ACTIONS[open].label} ${id}?`}
          verb={ACTIONS[open].label}
          onConfirm={() => perform(open, {})}
          onClose={close}
        >
          <p>{ACTIONS[open].effect}</p>
        </Confirm>
      )}
    </div>
  );
}
