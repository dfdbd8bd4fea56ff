// This process performs a task on a database and reports it on stdout:
// node database-worker.js DIRECTORY TASK [ARGUMENTS]

/** @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
/** @type {typeof import('../../src/storage/lmdb-backend.js')} */
const { LmdbBackend } = await built('storage/lmdb-backend.js');
/** @type {typeof import('../../src/mvcc/store.js')} */
const { Store } = await built('mvcc/store.js');
/** @type {typeof import('../../src/storage/new-database.js')} */
const { withNewDatabase } = await built('storage/new-database.js');

const [directory = '', task = '', ...rest] = process.argv.slice(2);

/** Reports on stdout what has been done; the parent may kill this process from then on. */
const say = (/** @type {string} */ line) => new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));

/** Keeps the process alive, with everything open. */
const stay = () => new Promise(() => setInterval(() => undefined, 1000));

const sleep = (/** @type {number} */ ms) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

const tasks = {
  /** Puts COUNT keys with values of BYTES bytes and reports each revision. Arguments: NAME COUNT BYTES. */
  async put(/** @type {string} */ name, /** @type {string} */ count, /** @type {string} */ bytes) {
    const backend = new LmdbBackend(directory);
    const store = new Store(backend);
    for (let n = 0; n < Number(count); n++) {
      const { revision } = store.write((txn) => txn.put(`${name}-${n}`, Buffer.alloc(Number(bytes), name)));
      await say(String(revision));
    }
    backend.close();
  },

  /** Overwrites one entry COUNT times with BYTES bytes. Arguments: COUNT BYTES. */
  async overwrite(/** @type {string} */ count, /** @type {string} */ bytes) {
    const backend = new LmdbBackend(directory);
    for (let n = 0; n < Number(count); n++) {
      backend.transaction(() => backend.tables.meta.put(Buffer.from('over'), Buffer.alloc(Number(bytes), n)));
    }
    backend.close();
    await say('done');
  },

  /** Takes a snapshot and keeps it open. */
  async read() {
    const backend = new LmdbBackend(directory, { readOnly: true });
    await say(`reading ${backend.tables.meta.size()}`);
    await stay();
    // This use keeps the backend from being garbage-collected, and its snapshot with it.
    backend.close();
  },

  /** Holds the write lock for MS milliseconds in the middle of a transaction. Argument: MS. */
  async hold(/** @type {string} */ ms) {
    const backend = new LmdbBackend(directory);
    backend.transaction(() => {
      backend.tables.meta.put(Buffer.from('half'), Buffer.from('done'));
      process.stdout.write('holding\n');
      sleep(Number(ms));
    });
    backend.close();
    await say('released');
  },

  /** Begins to create a database and never finishes. */
  async fill() {
    await withNewDatabase(directory, () => {
      process.stdout.write('filling\n');
      sleep(Number.POSITIVE_INFINITY);
    });
  },

  /** Compacts the store in small batches. Argument: REVISION. */
  async compact(/** @type {string} */ revision) {
    const backend = new LmdbBackend(directory);
    const store = new Store(backend, { compactionBatchLimit: 10 });
    await say('compacting');
    store.compact(Number(revision));
    await say('compacted');
    backend.close();
  },
};

const run = /** @type {Record<string, (...rest: string[]) => Promise<void>>} */ (tasks)[task];
if (run === undefined) throw new Error(`no task ${task}`);
await run(...rest);
