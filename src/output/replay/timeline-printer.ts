// Draws a replay as a timeline. Each watcher has a lane, and below it a line that shows how far it was behind; a letter
// marks what the scenario did. The drawing is as wide as the terminal, and has 100 columns and no colour in a pipe. Of
// many watchers, those that fared alike share a lane.
//
//           0s        1s        2s        3s     4.010s
//   actions          a
//   slow    ──██████████████████████████████████▒▒·
//    behind   ▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███████████████

import { utf8 } from '../../bytes/byte-string.js';
import type { ReplayReport } from '../../replay/findings/reported-replay.js';
import { endingOf, type WatcherSummary } from '../../replay/findings/summary.js';
import type { TimelineStep } from '../../replay/findings/timeline.js';
import type { EtcdRelease } from '../../replay/releases/etcd-release.js';
import type { CommitClock } from '../../replay/run/replay-options.js';
import type { ActionEntry } from '../../replay/run/trace.js';
import type { ReplayPlan } from '../../replay/scenario/plan.js';
import type { Group } from '../../watch/watcher.js';
import type { Style } from '../terminal/style.js';
import { escapeText } from '../terminal/text.js';
import { padText, widestOf } from '../terminal/width.js';
import type { ReplayPrinter, ReplayStyle } from './replay-printer.js';
import { summaryLines } from './summary-text.js';
import { type TimeText, timeTextOf } from './time-text.js';
import { actionText } from './trace-text.js';

const PIPE_COLUMNS = 100;
const MIN_CELLS = 20;
/** The most watchers that have a lane each. */
const MAX_OWN_LANES = 20;
/** The distance between the time marks of the axis. */
const MARK_CELLS = 16;
const LEVELS = '▁▂▃▄▅▆▇█';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** The glyphs of the groups. A cell with several groups shows the first of these. */
const GLYPHS: readonly (readonly [Group, string, 'red' | 'yellow' | 'green' | 'dim'])[] = [
  ['victim', '█', 'red'],
  ['unsynced', '▒', 'yellow'],
  ['synced', '─', 'green'],
  ['cancelled', '·', 'dim'],
];

interface Scale {
  readonly cells: number;
  readonly endUs: number;
  readonly stepUs: number;
}

/** Returns the cell of a time. */
function cellOf({ cells, endUs }: Scale, timeUs: number): number {
  return endUs === 0 ? 0 : Math.min(Math.floor((timeUs * cells) / endUs), cells - 1);
}

/** Returns the steps of a lane that each cell covers, at least one. */
function stepsOf({ cells, endUs, stepUs }: Scale, steps: readonly TimelineStep[]): TimelineStep[][] {
  const cellUs = endUs / cells;
  return Array.from({ length: cells }, (_, cell) => {
    const first = Math.floor((cell * cellUs) / stepUs);
    const behind = Math.max(Math.ceil(((cell + 1) * cellUs) / stepUs), first + 1);
    return steps.slice(first, behind);
  });
}

/** Returns a time for the axis, no more exact than can be seen; by a clock, its time of day. */
function markText(timeUs: number, endUs: number, clock?: CommitClock): string {
  if (clock !== undefined) return timeTextOf(clock)(Math.round(timeUs)).slice('2026-11-28T'.length, -'Z'.length);
  return endUs < 1e5 ? `${Math.round(timeUs)}us` : `${(timeUs / 1e6).toFixed(endUs < 1e7 ? 3 : 1)}s`;
}

function axis(scale: Scale, clock: CommitClock | undefined): string {
  const { cells, endUs } = scale;
  const end = markText(endUs, endUs, clock);
  let line = '';
  for (let cell = 0; cell + MARK_CELLS <= cells - end.length; cell += MARK_CELLS) {
    line = `${line.padEnd(cell)}${markText((endUs * cell) / cells, endUs, clock)}`;
  }
  return `${line.padEnd(cells - end.length)}${end}`;
}

function groupLane(scale: Scale, watcher: WatcherSummary, { colour }: Style): string {
  const cells = stepsOf(scale, watcher.timeline).map((steps) => {
    const shown = GLYPHS.find(([group]) => steps.some(({ groups }) => groups.includes(group)));
    return shown === undefined ? ' ' : colour[shown[2]](shown[1]);
  });
  return cells.join('');
}

function lagLane(scale: Scale, { timeline, maxLagRevs }: WatcherSummary): string {
  const cells = stepsOf(scale, timeline).map((steps) => {
    const lag = Math.max(0, ...steps.map(({ lagRevs }) => lagRevs));
    return lag === 0 ? ' ' : LEVELS[Math.ceil((lag / maxLagRevs) * LEVELS.length) - 1]!;
  });
  return cells.join('');
}

/** Returns the lane with the letters of actions, and what they stand for. After the last letter all are `+`. */
function actionLane(scale: Scale, actions: readonly ActionEntry[], at: TimeText): { lane: string; legend: string[] } {
  const cells: string[] = Array.from({ length: scale.cells }, () => ' ');
  const legend = actions.map((entry, i) => {
    const letter = LETTERS[i] ?? '+';
    const cell = cellOf(scale, entry.timeUs);
    cells[cell] = cells[cell] === ' ' ? letter : '+';
    return `${letter}  ${at(entry.timeUs)}  ${actionText(entry)}`;
  });
  return { lane: cells.join(''), legend };
}

/** A lane: the watcher that is drawn, and how many more came to the same. */
interface DrawnLane {
  readonly watcher: WatcherSummary;
  readonly more: number;
}

/** Returns the lanes. Of watchers that fared alike, the one that was latest is drawn. */
function lanesOf({ summary, checked }: ReplayReport, scale: Scale, style: Style): DrawnLane[] {
  const { watchers } = summary;
  if (watchers.length <= MAX_OWN_LANES) return watchers.map((watcher) => ({ watcher, more: 0 }));
  const lanes = new Map<string, DrawnLane>();
  for (const watcher of watchers) {
    const { lost, twice } = checked.ledgers.get(watcher.watcher) ?? {};
    const fared = [groupLane(scale, watcher, style), lagLane(scale, watcher), endingOf(watcher)];
    const key = [...fared, watcher.undelivered, lost?.count, twice?.count].join();
    const lane = lanes.get(key);
    if (lane === undefined) {
      lanes.set(key, { watcher, more: 0 });
    } else {
      const latest = watcher.maxDelayUs > lane.watcher.maxDelayUs ? watcher : lane.watcher;
      lanes.set(key, { watcher: latest, more: lane.more + 1 });
    }
  }
  return [...lanes.values()];
}

const labelOf = ({ watcher, more }: DrawnLane): string =>
  `${escapeText(watcher.watcher)}${more === 0 ? '' : ` +${more}`}`;

function draw(report: ReplayReport, actions: readonly ActionEntry[], release: EtcdRelease, style: ReplayStyle): string {
  const { colour, clock } = style;
  const { watchers, endUs, stepUs } = report.summary;
  const nameColumns = widestOf(watchers.map(({ watcher }) => escapeText(watcher)));
  const moreColumns = watchers.length > MAX_OWN_LANES ? ` +${watchers.length - 1}`.length : 0;
  const labelColumns = Math.max('actions'.length, nameColumns + moreColumns);
  const cells = Math.max((style.columns ?? PIPE_COLUMNS) - labelColumns - 3, MIN_CELLS);
  const scale: Scale = { cells, endUs, stepUs };
  const line = (label: string, text: string): string => `${padText(label, labelColumns)}  ${text}`.trimEnd();
  const lines = [colour.dim(line('', axis(scale, clock)))];
  const { lane: letters, legend } = actionLane(scale, actions, timeTextOf(clock));
  if (actions.length > 0) lines.push(line('actions', letters));
  const lanes = lanesOf(report, scale, style);
  for (const lane of lanes) {
    lines.push(line(labelOf(lane), groupLane(scale, lane.watcher, style)));
    if (lane.watcher.maxLagRevs > 0) lines.push(line(' behind', colour.dim(lagLane(scale, lane.watcher))));
  }
  const key = GLYPHS.map(([group, glyph, name]) => `${colour[name](glyph)} ${group}`).join('   ');
  const more = lanes.some((lane) => lane.more > 0) ? ['+N  so many more fared alike; --summary lists all'] : [];
  const drawn = { ...report, summary: { ...report.summary, watchers: lanes.map(({ watcher }) => watcher) } };
  const text = [...lines, '', ...legend, key, ...more, ''].map((one) => `${one}\n`).join('');
  return `${utf8(text)}${summaryLines(drawn, release, style)}`;
}

export function timelinePrinter({ options: { release } }: ReplayPlan, style: ReplayStyle): ReplayPrinter {
  const actions: ActionEntry[] = [];
  return {
    begin: () => '',
    response: () => [],
    other(entry) {
      if (entry.kind === 'action') actions.push(entry);
      return '';
    },
    end: (report) => draw(report, actions, release, style),
  };
}
