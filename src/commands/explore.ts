// mvccw explore: which variation of a scenario breaks a guarantee, or is too late?

import { type Command, Option } from 'commander';
import { MvccwError, naming } from '../errors.js';
import { choosePrinter } from '../output/formats/registry.js';
import { explorationText, FINDING_PRINTERS } from '../output/replay/exploration-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { explore } from '../replay/explore/explore.js';
import { VARIATION_KINDS, type VariationKind } from '../replay/explore/vary.js';
import { type EtcdRelease, etcdRelease } from '../replay/releases/etcd-release.js';
import { withLimits } from '../replay/scenario/parse-conditions.js';
import { parseNumberFlag } from '../requests/option-values.js';
import { apiserverSource } from '../storage/open-watchers.js';
import { withReplaySource } from '../storage/replay-source.js';
import { readScenario } from '../storage/scenario-file.js';
import { argPath } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { givenDatabase } from './given-database.js';
import { listening } from './read-database.js';

const HELP = `
A variation changes
  rates        how fast revisions are committed and consumers take them, evenly or at random
  buffers      chanBufLen and watchBatchMaxRevs, which are often small
  times        the times of the scenario’s own actions and disconnects
  stalls       how often consumers stall
  compactions  how often and when the store is compacted

The first variation that breaks a guarantee, or exceeds a limit, is made as small as it can be, and printed as a scenario.
The same command always prints the same. The exit status is 1 when a variation was found, and 0 when none was.

Examples:
  mvccw explore scenario.yaml
  mvccw explore scenario.yaml --as-etcd 3.5.12 --seeds 10000 > found.yaml
  mvccw replay found.yaml --trace       what happens in it
  mvccw explore scenario.yaml --vary stalls,compactions -w json |
    jq .scenario.actions`;

interface Options extends SharedOptions {
  readonly seeds: number;
  readonly seed: number;
  readonly asEtcd?: EtcdRelease;
  readonly vary: ReadonlySet<VariationKind>;
  readonly shrink: boolean;
  readonly maxLag?: string;
  readonly maxDelay?: string;
  readonly maxMemory?: string;
}

const atLeastOne = (name: string) => (text: string) => parseNumberFlag(text, name, 1);

function parseKinds(text: string): ReadonlySet<VariationKind> {
  const kinds = text.split(',');
  const unknown = kinds.find((kind) => !(VARIATION_KINDS as readonly string[]).includes(kind));
  if (unknown === undefined) return new Set(kinds as VariationKind[]);
  throw new MvccwError('USAGE', `there is no kind of variation ${JSON.stringify(unknown)}`, {
    hint: `one or more of ${VARIATION_KINDS.join(',')}`,
  });
}

export function defineExplore(command: Command, context: Context): void {
  command
    .argument('<scenario>', 'a scenario file (- is stdin), whose database --db replaces', argPath)
    .addOption(new Option('--seeds <n>', 'the number of variations').argParser(atLeastOne('--seeds')).default(1000))
    .addOption(
      new Option('--seed <n>', 'the seed of the first variation; each next one has the next seed')
        .argParser(atLeastOne('--seed'))
        .default(1),
    )
    .option('--as-etcd <x.y.z>', 'behave as this release of etcd does, from 3.4.0 on', etcdRelease)
    .addOption(
      new Option('--vary <kinds>', 'what to vary, see below')
        .argParser(parseKinds)
        .default(new Set(VARIATION_KINDS), VARIATION_KINDS.join(',')),
    )
    .option('--max-lag <n>', 'find also a watcher that is more revisions than this behind the store')
    .option('--max-delay <time>', 'find also an event that takes longer to its consumer')
    .option('--max-memory <size>', 'find also pending events that hold more than this: 512KiB, 64MiB')
    .option('--no-shrink', 'print the variation as it was found')
    .addHelpText('after', helpText(HELP))
    .action(async (path: string) => {
      await run(context, path, givenDatabase(command), command.optsWithGlobals<Options>());
    });
}

async function run(context: Context, path: string, database: string | undefined, options: Options): Promise<void> {
  const print = choosePrinter(FINDING_PRINTERS, options.writeOut);
  const scenario = readScenario(path, database);
  const { asEtcd, seed, seeds } = options;
  const text = {
    ...scenario.text,
    ...(asEtcd !== undefined && { etcd: asEtcd.version }),
    ...withLimits(options, scenario.text),
  };
  const explored = await withReplaySource(
    scenario.history,
    async (source) =>
      naming(path, () =>
        explore(text, source, {
          firstSeed: seed,
          seeds,
          kinds: options.vary,
          shrinks: options.shrink,
          onProgress: (stage, done, total) => context.progress.show(`${stage} ${path}`, done, total),
        }),
      ),
    { ...listening(context), clock: scenario.options.arrivals?.clock, watchers: apiserverSource(scenario) },
  );
  const { found, seedsRun } = explored;
  await context.err.write(explorationText(explored, seed, context.errStyle));
  if (found === undefined) return;
  await context.out.write(print(found, seedsRun));
  context.exitCode = EXIT.found;
}
