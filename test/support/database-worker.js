// node database-worker.js DIRECTORY TASK [ARGUMENTS]: a process that does something to a database, and says so.

/** @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
/** @type {typeof import('../../src/storage/lmdb-backend.js')} */
const { LmdbBackend } = await built('storage/lmdb-backend.js');
/** @type {typeof import('../../src/mvcc/store.js')} */
const { Store } = await built('mvcc/store.js');
/** @type {typeof import('../../src/storage/new-database.js')} */
const { withNewDatabase } = await built('storage/new-database.js');

const [directory = '', task = '', ...rest] = process.argv.slice(2);

/** Says what has been done; the parent may kill this process from then on. */
const say = (/** @type {string} */ line) => new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));

/** Stays, with everything open. */
const stay = () => new Promise(() => setInterval(() => undefined, 1000));

const sleep = (/** @type {number} */ ms) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

const tasks = {
  /** NAME COUNT BYTES: puts of so many bytes each; says each revision. */
  async put(/** @type {string} */ name, /** @type {string} */ count, /** @type {string} */ bytes) {
    const backend = new LmdbBackend(directory);
    const store = new Store(backend);
    for (let n = 0; n < Number(count); n++) {
      const { revision } = store.write((txn) => txn.put(`${name}-${n}`, Buffer.alloc(Number(bytes), name)));
      await say(String(revision));
    }
    backend.close();
  },

  /** COUNT BYTES: writes over one entry again and again. */
  async overwrite(/** @type {string} */ count, /** @type {string} */ bytes) {
    const backend = new LmdbBackend(directory);
    for (let n = 0; n < Number(count); n++) {
      backend.transaction(() => backend.tables.meta.put(Buffer.from('over'), Buffer.alloc(Number(bytes), n)));
    }
    backend.close();
    await say('done');
  },

  /** Takes a snapshot, and keeps it. */
  async read() {
    const backend = new LmdbBackend(directory, { readOnly: true });
    await say(`reading ${backend.tables.meta.size()}`);
    await stay();
    // A backend that is not used any more is collected as garbage, and its snapshot with it.
    backend.close();
  },

  /** MS: keeps the write lock for so long, in the middle of a transaction. */
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

  /** Begins to make a database, and does not end. */
  async fill() {
    await withNewDatabase(directory, () => {
      process.stdout.write('filling\n');
      sleep(Number.POSITIVE_INFINITY);
    });
  },

  /** REVISION */
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
