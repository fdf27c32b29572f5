/** What happened to an object. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** The operations by name, for code that would rather not spell them. */
export const Operation = { Create: 'CREATE', Update: 'UPDATE', Delete: 'DELETE' } as const;

/** All of them, in the order of their codes on disk. */
export const OPERATIONS: readonly Operation[] = [Operation.Create, Operation.Update, Operation.Delete];
