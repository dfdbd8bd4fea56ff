// `node test/bench/watch-latency.js` measures on the built code how soon a put in one process shows in the watch of
// another, and how much an idle watch costs. It prints each figure with its limit and their ratio; the exit status is 1
// if a ratio is above 1.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** @param {string} path */
const built = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
/** @type {typeof import('../../src/storage/lmdb-backend.js')} */
const { LmdbBackend } = await built('storage/lmdb-backend.js');
/** @type {typeof import('../../src/mvcc/store.js')} */
const { Store } = await built('mvcc/store.js');

const BIN = fileURLToPath(new URL('../../bin/mvccw.js', import.meta.url));
const PUTS = 300;
const IDLE_SECONDS = 10;
const LATENCY_LIMIT_MS = 50;
const CPU_LIMIT_PERCENT = 1;
/** The unit of the times in /proc, which is the same on every Linux. */
const TICK_MS = 10;

const directory = mkdtempSync(join(tmpdir(), 'mvccw-bench-'));
const backend = new LmdbBackend(directory);
const store = new Store(backend);
const put = (/** @type {number} */ n) => store.write((txn) => txn.put('k', Buffer.from(String(n)))).revision;
put(0);

const watch = spawn(process.execPath, [BIN, '--db', directory, 'watch', 'k', '--rev', '1', '-w', 'json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
/** @type {Map<number, (ms: number) => void>} */
const waiting = new Map();
let rest = '';
watch.stdout.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    for (const { kv } of JSON.parse(line).Events) waiting.get(kv.mod_revision)?.(performance.now());
  }
});
const shown = (/** @type {number} */ revision) =>
  /** @type {Promise<number>} */ (new Promise((resolve) => waiting.set(revision, resolve)));

function cpuMs() {
  const fields = readFileSync(`/proc/${watch.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

await shown(2);
/** @type {number[]} */
const latencies = [];
for (let n = 1; n <= PUTS; n++) {
  await sleep(20 + (n % 17));
  const revision = put(n);
  const committed = performance.now();
  latencies.push((await shown(revision)) - committed);
}
latencies.sort((a, b) => a - b);
const at = (/** @type {number} */ part) => latencies[Math.floor(part * (PUTS - 1))] ?? 0;

await sleep(1000);
const before = cpuMs();
await sleep(IDLE_SECONDS * 1000);
const cpuPercent = (cpuMs() - before) / (IDLE_SECONDS * 10);

watch.kill('SIGINT');
backend.close();
rmSync(directory, { recursive: true });

/** @type {[name: string, value: number, limit: number, unit: string][]} */
const figures = [
  ['latency, median', at(0.5), LATENCY_LIMIT_MS, 'ms'],
  ['latency, 99 of 100', at(0.99), LATENCY_LIMIT_MS, 'ms'],
  ['CPU of an idle watch', cpuPercent, CPU_LIMIT_PERCENT, '%'],
];
for (const [name, value, limit, unit] of figures) {
  console.log(
    `${name.padEnd(22)} ${value.toFixed(2).padStart(8)} ${unit}  limit ${limit}  ratio ${(value / limit).toFixed(3)}`,
  );
  if (value > limit) process.exitCode = 1;
}
