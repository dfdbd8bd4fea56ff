// mvccw steps: what does each single operation on a store and its watchers answer?

import type { Command } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import { MemoryBackend } from '../mvcc/memory-backend.js';
import { toJson } from '../output/formats/json.js';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { type EtcdRelease, etcdRelease } from '../replay/releases/etcd-release.js';
import { MAX_STEPS_BYTES } from '../replay/run/bounds.js';
import { runStepScenario } from '../replay/steps/step-runner.js';
import { parseStepScenario } from '../replay/steps/step-scenario.js';
import { readText } from '../storage/text-file.js';
import { argPath } from './arg-bytes.js';
import type { Context, SharedOptions } from './context.js';
import { givenDatabase } from './given-database.js';

const HELP = `
The file holds one operation a line, as JSON, and may be packed with gzip. The operations run on a store in memory, and
nothing happens by itself: a sync pass is an operation too. Each answer is a line of JSON. "mvccw help steps" has the
list of operations.

Examples:
  mvccw steps steps.jsonl
  mvccw steps steps.jsonl.gz --as-etcd 3.4.0 | jq -c .responses
where steps.jsonl holds
  {"op":"put","key":"a","value":"1"}
  {"op":"watch","watcher":"w","key":"a","startRev":2}
  {"op":"sync"}
  {"op":"recv","stream":"w"}`;

interface StepsOptions extends SharedOptions {
  readonly asEtcd?: EtcdRelease;
}

export function defineSteps(command: Command, context: Context): void {
  command
    .argument('<file>', 'a step scenario, see below; - is stdin', argPath)
    .option('--as-etcd <x.y.z>', 'behave as this release of etcd does, from 3.4.0 on', etcdRelease)
    .addHelpText('after', helpText(HELP))
    .action(async (path: string) => {
      if (givenDatabase(command) !== undefined) {
        throw new MvccwError('USAGE', '--db does not go with steps', {
          hint: 'a step scenario runs on a store of its own',
        });
      }
      await runSteps(context, path, command.optsWithGlobals<StepsOptions>());
    });
}

export async function runSteps({ out }: Context, path: string, { asEtcd, writeOut }: StepsOptions): Promise<void> {
  const print = choosePrinter({ simple: toJson, json: toJson }, writeOut);
  const backend = new MemoryBackend();
  const ops = parseStepScenario(readText(path, { maxBytes: MAX_STEPS_BYTES, what: 'a step scenario' }), path);
  for (const answer of runStepScenario(ops, () => backend, asEtcd)) await out.line(utf8(print(answer)));
}
