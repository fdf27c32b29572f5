import type { DeadLetterAction, DeadLetterActionResult } from '../../api.ts';
import { announce } from '../data/announce.ts';
import { apiPath, postJson } from '../data/request.ts';
import { formatNoun } from '../format/format.ts';
import { Confirm } from '../parts/confirm.tsx';

interface ActionProps {
  readonly watcherId: string;
  readonly onClose: () => void;
  /** Called when the action has ended, before the dialog closes. */
  readonly onEnd?: (result: DeadLetterActionResult) => void;
}

/** Performs an action and announces its result. */
async function perform(
  action: DeadLetterAction,
  watcherId: string,
  seqNum: number | 'all',
): Promise<DeadLetterActionResult> {
  const result = await postJson<DeadLetterActionResult>(
    apiPath(['dead-letters', watcherId, seqNum, action]),
    {},
  );
  const { removed, failed } = result;
  const verb = action === 'redrive' ? 'redriven' : 'deleted';
  const failures = failed > 0 ? `, ${formatNoun(failed, 'dead letter')} failed again` : '';
  announce(`${formatNoun(removed, 'dead letter')} ${verb}${failures}`, { isBad: failed > 0 });
  return result;
}

/** Dialog that asks before one dead letter is delivered again or deleted. */
export const OneDeadLetter = ({
  action,
  watcherId,
  seqNum,
  onClose,
  onEnd,
}: ActionProps & { readonly action: DeadLetterAction; readonly seqNum: number }) => (
  <Confirm
    title={`${action === 'redrive' ? 'Redrive' : 'Delete'} the dead letter of event ${seqNum}?`}
    verb={action === 'redrive' ? 'Redrive' : 'Delete'}
    isDangerous={action === 'delete'}
    onConfirm={async () => {
      const result = await perform(action, watcherId, seqNum);
      onEnd?.(result);
    }}
    onClose={onClose}
  >
    {action === 'redrive' ? (
      <p>
        The handler of <b class="id">{watcherId}</b> gets the event again. If it is handled, the dead letter
        is deleted; if it fails again, it stays.
      </p>
    ) : (
      <p>
        <b class="id">{watcherId}</b> will never handle the event. The dead letter with its errors cannot be
        restored.
      </p>
    )}
  </Confirm>
);

/** Dialog that asks before all dead letters of a watcher are delivered again. */
export const RedriveAll = ({ watcherId, onClose, onEnd }: ActionProps) => (
  <Confirm
    title={`Redrive all dead letters of ${watcherId}?`}
    verb="Redrive all"
    onConfirm={async () => {
      const result = await perform('redrive', watcherId, 'all');
      onEnd?.(result);
    }}
    onClose={onClose}
  >
    <p>
      The handler gets the events again, in their order. Dead letters whose events are handled are deleted;
      those that fail again stay. The watcher is paused meanwhile.
    </p>
  </Confirm>
);

/** Dialog that asks before all dead letters of a watcher are deleted. */
export const DeleteAll = ({ watcherId, onClose, onEnd }: ActionProps) => (
  <Confirm
    title={`Delete all dead letters of ${watcherId}?`}
    verb="Delete all"
    isDangerous
    onConfirm={async () => {
      const result = await perform('delete', watcherId, 'all');
      onEnd?.(result);
    }}
    onClose={onClose}
  >
    <p>
      <b class="id">{watcherId}</b> will never handle these events. The dead letters with their errors cannot
      be restored.
    </p>
  </Confirm>
);
