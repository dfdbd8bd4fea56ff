// mvccw replay: which events would each watcher receive?

import { type Command, Option } from 'commander';
import { MvccwError, naming } from '../errors.js';
import type { Provenance } from '../inspect/blame/provenance.js';
import { choosePrinter } from '../output/formats/registry.js';
import { decodingOf, valueOptions } from '../output/kube/choose-teller.js';
import { DIFFERENCE_PRINTERS } from '../output/replay/difference-printer.js';
import { EXPLANATION_PRINTERS } from '../output/replay/explanation-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { compareReplays } from '../replay/findings/compare-releases.js';
import { explainEvent } from '../replay/findings/explain.js';
import { type EtcdRelease, etcdRelease, etcdReleasePair } from '../replay/releases/etcd-release.js';
import { type EventName, parseEventName } from '../replay/run/event-name.js';
import { countBackups } from '../replay/run/replay-options.js';
import type { ConditionFlags } from '../replay/scenario/parse-conditions.js';
import { planReplay, type ReplayPlan, type ReplayRequest } from '../replay/scenario/plan.js';
import { type Conditions, conditionsOf, type Scenario } from '../replay/scenario/scenario.js';
import type { ReplaySource } from '../replay/scenario/scripted-source.js';
import { parseNumberFlag } from '../requests/option-values.js';
import type { WatchSpec } from '../requests/watch-spec.js';
import { apiserverSource } from '../storage/open-watchers.js';
import { withReplaySource } from '../storage/replay-source.js';
import { argPath, argText } from './arg-bytes.js';
import { addTimeSpan, KUBERNETES, type TimeSpan } from './clock-options.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { givenDatabase } from './given-database.js';
import { playReplay, writeHints } from './play-replay.js';
import { listening } from './read-database.js';
import { addViewOptions, chooseView, VIEW_FLAGS, type ViewOptions } from './replay-view.js';
import { watchOption } from './watch-option.js';

const HELP = `
Watchers are those registered in the database (mvccw watcher add) and those given with --watch:
  name=NAME         its name in the output; default watch1, watch2, …
  key=KEY           with end=KEY for a range, prefix, or fromKey; \\, is a comma, \\xNN a byte
  rev=N             the first revision it wants; default --from-rev
  filter=put        leave these events out: put or delete
  stream=NAME       share the stream of this name with other watchers
  prevKv            also get the record before each event
  progressNotify    also get progress when nothing was sent for 10 minutes
  fragment          get a response that is too large for one message in several
Without any, one watcher called "all" watches the whole key space.

Watchers also follow from something else (--watchers, see "mvccw help apiserver"): kube-apiserver has the watches of an
apiserver on the resources of the history, kube-apiserver:1.31 those of a release; audit:FILE adds the clients of the
apiserver from its audit log, and metrics:FILE what metrics count.

Streams and actions are written as in a scenario ("mvccw help scenarios"), and are added to those of the scenario;
a stream replaces the one of its name:
  --stream '{name: pods, consumer: {every: 1s}, disconnectAt: [5s]}'
  --action '{at: 900ms, compact: {behind: 2}}'

Commits come at --rate, or when they were (--arrivals): as "kubernetes", from the times that objects in the history
hold; as log:FILE, from the log of a server; as FILE, from a list of revisions and times, or an audit log ("mvccw help clocks").
Then the store begins right before --from-rev, unless --base-rev is given.

Examples:
  mvccw replay --from-rev 100
  mvccw replay scenario.yaml --explain /a@40        keys take \\xNN here too: 'bad\\xff@5'
  mvccw replay --from-rev 100 --watch 'name=pods,key=/registry/pods/,prefix' \\
    -w json | jq .response.Events
  mvccw replay --db cluster.db --watchers kube-apiserver --summary
  mvccw --db snapshot.db replay --from-rev 1 --to-rev 500 -w table
  mvccw replay --base-rev 100 --rate 50 --timeline \\
    --stream '{name: all, consumer: {every: 1s}}'
  mvccw replay scenario.yaml --cost measured --until 10s
  mvccw replay --arrivals kubernetes --clock --from-time 12:03 --to-time 12:05`;

interface Options extends SharedOptions, ViewOptions, ConditionFlags, TimeSpan {
  readonly fromRev?: number;
  readonly toRev?: number;
  readonly baseRev?: number;
  readonly watch: WatchSpec[];
  readonly asEtcd?: EtcdRelease;
  readonly seed?: number;
  readonly clock?: boolean;
  readonly steps?: string;
  readonly compare?: readonly [EtcdRelease, EtcdRelease];
  readonly explain?: EventName;
  readonly watcher?: string;
  readonly check: 'on' | 'off';
}

const EVENT_BYTES_HINT = 'write other bytes of a key as \\xNN';

/** The flags that have no effect on an explanation or a comparison. */
const VIEW_AND_CHECK_FLAGS = [...VIEW_FLAGS, 'check', 'maxLag', 'maxDelay', 'maxMemory'];

const CONDITION_FLAGS = [
  'etcdPrefix',
  'arrivals',
  'rate',
  'poisson',
  'cost',
  'until',
  'maxLag',
  'maxDelay',
  'maxMemory',
  'chanBufLen',
  'maxWatchersPerSync',
  'watchBatchMaxRevs',
  'resyncPeriod',
  'victimRetry',
] as const satisfies readonly (keyof ConditionFlags)[];

const revision =
  (name: string, minimum = 0) =>
  (text: string) =>
    parseNumberFlag(text, name, minimum);
const collect = (text: string, before: readonly string[]) => [
  ...before,
  argText(text, 'write other bytes of a key in a scenario, with keyHex'),
];
const parseSeed = (text: string) => parseNumberFlag(text, '--seed');

export function defineReplay(command: Command, context: Context): void {
  addViewOptions(command.optionsGroup('What is printed:'))
    .addOption(
      new Option('--explain <key@rev>', 'tell the life of one event instead: how each watcher came to get it, or not')
        .argParser((text) => parseEventName(argText(text, EVENT_BYTES_HINT)))
        .conflicts([...VIEW_AND_CHECK_FLAGS, 'compare']),
    )
    .option('--watcher <name>', 'with --explain: for this watcher only')
    .option('--clock', 'print times by the clock of --arrivals, not as seconds')
    .addOption(
      new Option('--compare <a,b>', 'run as two releases, print what differs for each watcher; exit 1 if anything does')
        .argParser(etcdReleasePair)
        .conflicts([...VIEW_AND_CHECK_FLAGS, 'asEtcd']),
    )
    .optionsGroup('What is replayed:')
    .argument(
      '[scenario]',
      'a scenario file (- is stdin), whose database --db replaces; without one, the database is replayed',
      argPath,
    )
    .option(
      '--from-rev <n>',
      'the first revision of watchers without one of their own; default: the oldest readable',
      revision('--from-rev'),
    )
    .option('--to-rev <n>', 'the last revision that is replayed; default: the newest', revision('--to-rev'));
  addTimeSpan(
    command,
    'as --from-rev, the first revision at this time or later',
    'as --to-rev, the last revision by this time',
    ['fromRev', 'toRev'],
  )
    .option(
      '--base-rev <n>',
      'the revision of the store at time 0; default: the end of the history',
      revision('--base-rev', 1),
    )
    .option(
      '--arrivals <how>',
      'when the revisions above --base-rev are committed: rate; poisson; or when they were, see below; default rate',
    )
    .option('--rate <n>', 'the revisions above --base-rev that are committed in a second; default 1000')
    .option('--poisson', 'commit them at random moments: --rate is then the average')
    .addOption(watchOption('a watcher, see below; may be given many times'))
    .addOption(
      new Option('--watchers <from>', 'watchers that follow from something else, see below; may be given many times')
        .argParser((text: string, before: readonly string[]) => [...before, argPath(text)])
        .default([], 'none'),
    )
    .option('--etcd-prefix <prefix>', 'the prefix of the keys of the apiserver; default /registry')
    .addOption(
      new Option('--stream <yaml>', 'a stream and its consumer, see below; may be given many times')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(
      new Option('--action <yaml>', 'something that happens at a time, see below; may be given many times')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--until <time>', 'stop at this time; default: when nothing more can happen')
    .option('--seed <n>', 'the seed of all that is random; default 1', parseSeed)
    .addOption(new Option('--steps <file>', 'the name that mvccw steps had before').hideHelp())
    .optionsGroup('What is checked:')
    .addOption(
      new Option(
        '--check <on|off>',
        'check the guarantees of a watch over all that is delivered; exit 1 if one is broken',
      )
        .choices(['on', 'off'])
        .default('on'),
    )
    .option('--max-lag <n>', 'exit 1 if a watcher is more revisions than this behind the store')
    .option('--max-delay <time>', 'exit 1 if an event takes longer to its consumer, or is this late at the end')
    .option('--max-memory <size>', 'exit 1 if pending events hold more than this at a time: 512KiB, 64MiB, 1.5GB')
    .optionsGroup('How the server behaves:')
    .option('--as-etcd <x.y.z>', 'behave as this release of etcd does, from 3.4.0 on', etcdRelease)
    .option('--chan-buf-len <n>', 'the responses that a stream holds; default 128')
    .option('--max-watchers-per-sync <n>', 'the watchers that one sync pass serves; default 512')
    .option('--watch-batch-max-revs <n>', 'the revisions that one response of a sync pass holds; default 1000')
    .option('--resync-period <time>', 'the time between two sync passes; default 100ms')
    .option('--victim-retry <time>', 'the time between two tries where a stream was full; default 10ms')
    .option('--cost <cost>', 'what a sync pass costs: none, measured, or figures of your own; default none')
    .optionsGroup('Options:')
    .addHelpText('after', helpText(HELP))
    .action(async (path: string | undefined) => {
      const options = command.optsWithGlobals<Options>();
      if (options.watcher !== undefined && options.explain === undefined) {
        throw new MvccwError('USAGE', '--watcher needs an event to explain', {
          hint: 'give it with --explain KEY@REVISION; a watcher of your own is given with --watch',
        });
      }
      if (options.steps === undefined) {
        const scenario = path === undefined ? undefined : await readScenario(path, givenDatabase(command));
        await run(context, path, scenario, options);
      } else {
        refuseBesideSteps(command, path);
        const { runSteps } = await import('./steps.js');
        await runSteps(context, options.steps, options);
      }
    });
}

/** Reads a scenario file; its parser is loaded only then, as it is large. */
async function readScenario(path: string, database: string | undefined): Promise<Scenario> {
  const file = await import('../storage/scenario-file.js');
  return file.readScenario(path, database);
}

/** Returns the conditions of the scenario with those of the flags, which override them. */
async function conditionsFor(scenario: Scenario | undefined, options: Options): Promise<Conditions | undefined> {
  const given = CONDITION_FLAGS.some((flag) => options[flag] !== undefined);
  const { stream, action, watchers } = options;
  if (!given && stream.length + action.length + watchers.length === 0) return scenario;
  const { withConditions } = await import('../replay/scenario/parse-conditions.js');
  return conditionsOf(withConditions(options, scenario?.text));
}

const HEX_HINT = '-w json has all bytes in base64, and -w fields quotes what cannot be printed';

async function run(
  context: Context,
  path: string | undefined,
  scenario: Scenario | undefined,
  options: Options,
): Promise<void> {
  const conditions = await conditionsFor(scenario, options);
  const given: ReplayRequest = { ...options, scenario: conditions, release: options.asEtcd };
  const arrivals = conditions?.options.arrivals?.clock;
  if (options.clock && arrivals === undefined) {
    throw new MvccwError('USAGE', '--clock needs a clock: without one, times are virtual', {
      hint: 'name one with --arrivals: kubernetes, log:FILE or FILE',
    });
  }
  const { fromTime, toTime } = options;
  const clock = arrivals ?? (fromTime === undefined && toTime === undefined ? undefined : KUBERNETES);
  const values = valueOptions(options, 'raw');
  if (values.decode === 'hex') throw new MvccwError('USAGE', '--decode hex is not for replay', { hint: HEX_HINT });
  const decoding = await decodingOf(values);
  await withReplaySource(
    scenario?.history ?? { database: options.db },
    async (source, provenanceAt) => {
      const request = {
        ...given,
        ...(fromTime !== undefined && { fromRev: source.times!.firstFrom(fromTime) }),
        ...(toTime !== undefined && { toRev: source.times!.lastUntil(toTime) }),
      };
      const planFor = (wanted: ReplayRequest): ReplayPlan => {
        const plan = () => planReplay(source, wanted);
        return path === undefined ? plan() : naming(path, plan);
      };
      if (options.compare !== undefined) {
        const [first, second] = options.compare;
        const plans = [planFor({ ...request, release: first }), planFor({ ...request, release: second })] as const;
        await compare(context, source, plans, options.writeOut);
        return;
      }
      const plan = planFor(request);
      // After a restore from a backup, the revisions are no longer those of the log.
      const provenance = countBackups(plan.options) > 0 ? undefined : provenanceAt?.(context.io.now());
      if (options.explain !== undefined) {
        await explain(context, source, plan, options.explain, options, provenance);
        return;
      }
      const { printer, detail } = chooseView(options, 'responses');
      const held = await playReplay(context, source, plan, {
        printer: (of, style, shown) => printer(of, { ...style, decoding, provenance }, shown),
        detail,
        check: options.check === 'on',
        clock: options.clock ? plan.options.arrivals.clock : undefined,
      });
      if (!held) context.exitCode = EXIT.found;
    },
    {
      ...listening(context),
      wal: options.wal,
      compacted: options.compacted,
      clock,
      watchers: apiserverSource(conditions),
    },
  );
}

async function explain(
  context: Context,
  source: ReplaySource,
  plan: ReplayPlan,
  event: EventName,
  { watcher: only, writeOut, clock }: Options,
  provenance: Provenance | undefined,
): Promise<void> {
  const print = choosePrinter(EXPLANATION_PRINTERS, writeOut);
  const style = { ...context.outStyle, clock: clock ? plan.options.arrivals.clock : undefined, provenance };
  await writeHints(context, [plan]);
  for (const explained of explainEvent(source.open(plan), plan.options, event, only)) {
    await context.out.write(print(event, explained, plan.options.release, style));
    if (explained.parts.some(({ says }) => says === 'noSuchEvent')) context.exitCode = EXIT.notThere;
  }
}

async function compare(
  context: Context,
  source: ReplaySource,
  plans: readonly [ReplayPlan, ReplayPlan],
  format: string,
): Promise<void> {
  const print = choosePrinter(DIFFERENCE_PRINTERS, format);
  await writeHints(context, plans);
  const [opened1, opened2] = plans.map((plan) => ({ opened: source.open(plan), options: plan.options }));
  const differences = compareReplays(opened1!, opened2!);
  await context.out.write(
    print([plans[0].options.release.version, plans[1].options.release.version], differences, context.outStyle),
  );
  if (differences.length > 0) context.exitCode = EXIT.found;
}

/**
 * Refuses what has no effect beside --steps, as it is likely a mistake: a step scenario says everything itself but the
 * release.
 */
function refuseBesideSteps(command: Command, scenario: string | undefined): void {
  const idle = command.options.find(
    (option) =>
      option.long !== '--steps' &&
      option.long !== '--as-etcd' &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  );
  const database = givenDatabase(command) === undefined ? undefined : '--db';
  const what = scenario === undefined ? (idle?.long ?? database) : `the scenario ${scenario}`;
  if (what === undefined) return;
  throw new MvccwError('USAGE', `${what} does not go with --steps`, {
    hint: 'a step scenario runs on a store of its own; only --as-etcd goes with it',
  });
}
