// Opens a log and exits without closing it.
import { openLmdbStore } from '../../../../dist/lmdb.js';

openLmdbStore({ path: process.argv[2] });
process.exit();
