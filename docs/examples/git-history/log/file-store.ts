import { deleteStore } from './delete-store.ts';
import type { DemoStore } from './demo-store.ts';
import { openFileLog } from './open-file-log.ts';
import { recognise } from './recognise.ts';

/** A store that is one file. */
export function fileStore(path: string): DemoStore {
  return {
    name: path,
    async open(fresh) {
      if (recognise(path) && fresh) deleteStore(path);
      return openFileLog(path);
    },
  };
}
