import { HandlerExistsError, InvalidStateError } from '../../errors.ts';
import type { WatcherState } from '../../store/monitoring/watcher-state.ts';

/** State of a watcher in the transition table; `removed` begins when a removal begins. */
export type WatcherStatus = WatcherState | 'removed';

/** Errors with which a command is rejected because of the state. */
type Rejection = 'InvalidStateError' | 'HandlerExistsError' | 'WatcherNotFoundError';

/**
 * Value in the table for a command that needs the lease. If another process holds the lease, the command fails with an
 * `InvalidStateError`.
 */
export const LEASE_REQUIRED = 'LeaseRequired';

/** States that follow a command, in order, or the error that it throws. */
export type Transition = readonly WatcherStatus[] | Rejection | typeof LEASE_REQUIRED;

const INVALID = 'InvalidStateError';
const EXISTS = 'HandlerExistsError';

/**
 * States that follow each command of a watcher with a handler, by the state in which it is called. The table assumes that
 * the attempt in flight succeeds. `stop` and `remove` are allowed in every state; the manager does not find a watcher that
 * is removed.
 *
 * @see [The states of a watcher](../../../docs/guides/watcher-states.md), which has the same table and the transitions that no command causes.
 */
export const TRANSITIONS = {
  start: {
    idle: ['running'],
    standby: INVALID,
    running: INVALID,
    paused: INVALID,
    stopping: INVALID,
    stopped: ['running'],
    failed: ['running'],
    removed: INVALID,
  },
  pause: {
    idle: INVALID,
    standby: ['standby'],
    running: ['paused'],
    paused: ['paused'],
    stopping: INVALID,
    stopped: INVALID,
    failed: INVALID,
    removed: INVALID,
  },
  resume: {
    idle: INVALID,
    standby: ['standby'],
    running: ['running'],
    paused: ['running'],
    stopping: INVALID,
    stopped: INVALID,
    failed: INVALID,
    removed: INVALID,
  },
  stop: {
    idle: ['stopped'],
    standby: ['stopping', 'stopped'],
    running: ['stopping', 'stopped'],
    paused: ['stopping', 'stopped'],
    stopping: ['stopped'],
    stopped: ['stopped'],
    failed: ['failed'],
    removed: ['removed'],
  },
  seek: {
    idle: ['running'],
    standby: LEASE_REQUIRED,
    running: ['stopping', 'stopped', 'running'],
    paused: ['stopping', 'stopped', 'running'],
    stopping: ['stopped', 'running'],
    stopped: ['running'],
    failed: ['running'],
    removed: INVALID,
  },
  checkpoint: {
    idle: ['idle'],
    standby: LEASE_REQUIRED,
    running: ['running'],
    paused: ['paused'],
    stopping: ['stopped'],
    stopped: ['stopped'],
    failed: ['failed'],
    removed: INVALID,
  },
  setHandler: {
    idle: EXISTS,
    standby: EXISTS,
    running: EXISTS,
    paused: EXISTS,
    stopping: EXISTS,
    stopped: EXISTS,
    failed: EXISTS,
    removed: INVALID,
  },
  remove: {
    idle: ['stopped', 'removed'],
    standby: ['stopping', 'stopped', 'removed'],
    running: ['stopping', 'stopped', 'removed'],
    paused: ['stopping', 'stopped', 'removed'],
    stopping: ['stopped', 'removed'],
    stopped: ['removed'],
    failed: ['removed'],
    removed: 'WatcherNotFoundError',
  },
} as const satisfies Record<string, Record<WatcherStatus, Transition>>;

export type WatcherCommand = keyof typeof TRANSITIONS;

/** Action in the message of an `InvalidStateError`, by command. Default: the name of the command. */
const ACTIONS: Readonly<Partial<Record<WatcherCommand, string>>> = {
  checkpoint: 'store a checkpoint',
  setHandler: 'take a handler',
};

/** Returns the error of a command that the status of a watcher does not allow. */
export const invalidCommand = (watcherId: string, command: WatcherCommand, status: WatcherStatus) =>
  new InvalidStateError(watcherId, ACTIONS[command] ?? command, status);

/**
 * Checks that the transition table allows a command.
 *
 * @throws {@link InvalidStateError} if the status does not allow the command.
 * @throws {@link HandlerExistsError} if the command sets a handler and the watcher has one.
 */
export function assertTransition(
  watcherId: string,
  command: WatcherCommand,
  status: WatcherStatus,
  hasHandler: boolean,
): void {
  const transition: Transition = TRANSITIONS[command][status];
  if (transition === 'InvalidStateError') throw invalidCommand(watcherId, command, status);
  if (transition === 'HandlerExistsError' && hasHandler) throw new HandlerExistsError(watcherId);
}
