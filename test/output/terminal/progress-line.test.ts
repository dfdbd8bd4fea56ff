import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ProgressLine } from '../../../src/output/terminal/progress-line.js';
import { newDatabase, runCli, Sink, slowClock, temporaryFolder } from '../../support/run-cli.js';
import { unpackSnapshot } from '../../support/snapshots.js';

const ERASE = '\r\x1b[K';
const BAR = `  ${'█'.repeat(12)}${'░'.repeat(12)}  50%`;

interface Shown {
  readonly progress: ProgressLine;
  at(ms: number): void;
  text(): string;
  readonly reports: number[];
}

function shownOn({ isTTY = true, columns = 80 } = {}): Shown {
  const sink = new Sink(isTTY, columns);
  let nowMs = 0;
  const reports: number[] = [];
  const progress = new ProgressLine(
    sink,
    () => nowMs,
    () => reports.push(nowMs),
  );
  return {
    progress,
    at(ms) {
      nowMs = ms;
      progress.show('reading x\x1b.db', 5, 10);
    },
    text: () => sink.bytes().toString(),
    reports,
  };
}

t.test('work of more than a second is shown ten times a second', async (t) => {
  const { at, text, progress, reports } = shownOn();
  for (const ms of [0, 99, 500, 999]) at(ms);
  t.equal(text(), '');
  at(1100);
  const line = `${ERASE}reading x\\x1b.db${BAR}`;
  t.equal(text(), line);
  at(1150);
  t.equal(text(), line);
  at(1200);
  t.equal(text(), line, 'it is not drawn again for nothing');
  progress.clear();
  progress.clear();
  t.equal(text(), line + ERASE, 'it is cleared once');
  at(1300);
  t.equal(text(), line + ERASE + line);
  t.strictSame(reports, [500, 999, 1100, 1200, 1300]);
});

t.test('it gives way to other lines, and waits for the end of an unfinished one', async (t) => {
  const { at, text, progress } = shownOn();
  at(2000);
  const line = text();
  progress.giveWay('a line\n');
  at(2100);
  progress.giveWay('half a ');
  at(2200);
  progress.giveWay('line\n');
  at(2300);
  t.equal(text(), line + ERASE + line + ERASE + line);
});

t.test('a narrow terminal has the bar, and what fits of the rest', async (t) => {
  for (const [columns, shown] of [
    [41, `readi….db${BAR}`],
    [31, ''],
    [0, `reading x\\x1b.db${BAR}`],
  ] as const) {
    const { at, text } = shownOn({ columns });
    at(2000);
    t.equal(text().replace(ERASE, ''), shown, `${columns}`);
  }
});

t.test('more than all, and nothing of nothing', async (t) => {
  const sink = new Sink(true, 80);
  let nowMs = 0;
  const progress = new ProgressLine(sink, () => nowMs);
  for (const [done, total, percent] of [
    [11, 10, '100%'],
    [0, 0, '  0%'],
  ] as const) {
    nowMs += 2000;
    progress.show('x', done, total);
    t.ok(sink.bytes().toString().endsWith(percent), percent);
  }
});

t.test('a pipe gets nothing, and what was written meanwhile goes out', async (t) => {
  const { at, text, reports } = shownOn({ isTTY: false });
  at(2000);
  t.equal(text(), '');
  t.strictSame(reports, [2000]);
});

async function filled(t: Test): Promise<string> {
  return newDatabase(t, ({ store }) => {
    for (let i = 0; i < 200; i++) store.write((txn) => txn.put(`k${i}`, Buffer.from('v')));
  });
}

t.test('every command that reads shows how far it has come, beside its answer', async (t) => {
  const file = unpackSnapshot('medium-34', temporaryFolder(t));
  const own = await filled(t);
  for (const argv of [
    ['status', '--db', file],
    ['get', 'a', '--db', file],
    ['hash', '--db', file],
    ['check', '--db', file],
    ['usage', '--db', file],
    ['history', '', '--prefix', '--stat', '--db', file],
    ['undelete', '', '--prefix', '--db', file],
    ['diff', '--rev', '..', '--stat', '--db', file],
    ['dump', '--db', file],
    ['export', join(temporaryFolder(t), 'new.db'), '--db', file],
    ['check', '--db', own],
    ['import', file, '--db', join(temporaryFolder(t), 'new')],
    ['hash', '--db', own],
  ]) {
    const { exitCode, stdout, stderr } = await runCli(argv, { isTTY: true, nowMs: slowClock() });
    const name = argv.join(' ');
    t.ok(exitCode <= 1, `${name}: ${stderr}`);
    const [before, ...shown] = stderr.split(ERASE);
    // The line is cleared for what is printed, and drawn again; at the end it is cleared, and hints follow.
    const hints = shown.pop();
    t.ok(
      shown.some((text) => text !== ''),
      name,
    );
    t.equal(before, '', name);
    t.ok(hints === '' || hints?.startsWith('Hint: '), name);
    for (const text of shown) {
      if (!/^((reading|checking|exporting|hashing) .* {2}█*░* +\d+%)?$/.test(text))
        t.fail(`${name}: ${JSON.stringify(text)}`);
    }
    t.notOk(stdout.includes(ERASE), name);
  }
});

t.test('in a pipe nothing is shown', async (t) => {
  const file = unpackSnapshot('medium-34', temporaryFolder(t));
  for (const command of ['status', 'hash', 'check', 'usage']) {
    t.match(await runCli([command, '--db', file], { nowMs: slowClock() }), { exitCode: 0, stderr: '' }, command);
  }
});
