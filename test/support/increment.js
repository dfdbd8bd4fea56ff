// This process adds 1 to a record of a database COUNT times: node increment.js DIRECTORY COUNT. It runs the built code.

import { pathToFileURL } from 'node:url';

const [directory, count] = process.argv.slice(2);
const built = new URL('../../dist/storage/lmdb-backend.js', import.meta.url);
const { LmdbBackend } = await import(pathToFileURL(built.pathname).href);
const key = Buffer.from('counter');

const backend = new LmdbBackend(directory);
for (let i = 0; i < Number(count); i++) {
  backend.transaction(() => {
    const before = Number(backend.tables.meta.get(key)?.toString() ?? 0);
    backend.tables.meta.put(key, Buffer.from(String(before + 1)));
  });
}
backend.close();
