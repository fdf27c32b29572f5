import type { ImportRecord } from './import-record.ts';
import type { Tables } from './tables.ts';

/**
 * Moves the record of the import on; to be called inside a transaction.
 *
 * @throws An Error if it is not where this process has left it.
 */
export function advanceRecord({ imports }: Tables, before: ImportRecord, after: ImportRecord): void {
  if (imports.get('import')?.stored !== before.stored) throw new Error('another process imports too');
  void imports.put('import', after);
}
