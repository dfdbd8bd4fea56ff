// mvccw case: well-known defects of etcd's watches, replayed.

import { type Command, Option } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { CASE_LIST_PRINTERS, CASE_SCENARIO_PRINTERS, caseStory, caseVerdict } from '../output/replay/case-printer.js';
import { helpText } from '../output/terminal/help-text.js';
import { type EtcdRelease, etcdRelease } from '../replay/releases/etcd-release.js';
import { caseScenario, findCase, KNOWN_CASES } from '../replay/releases/known-cases.js';
import { parseScenario } from '../replay/scenario/parse-scenario.js';
import { planReplay } from '../replay/scenario/plan.js';
import { openScripted } from '../replay/scenario/scripted-source.js';
import type { Context, SharedOptions } from './context.js';
import { EXIT } from './exit-code.js';
import { playReplay } from './play-replay.js';
import { addViewOptions, chooseView, VIEW_FLAGS, type ViewOptions } from './replay-view.js';

const HELP = `
The exit status is 1 where a guarantee of watches breaks, and 0 where all hold.

Examples:
  mvccw case list
  mvccw case 17529
  mvccw case compacted-while-full --as-etcd 3.5.13
  mvccw case 17529 --timeline
  mvccw case 18089 --scenario > mine.yaml       a scenario to start from`;

interface Options extends SharedOptions, ViewOptions {
  readonly asEtcd?: EtcdRelease;
  readonly scenario?: true;
}

export function defineCase(command: Command, context: Context): void {
  addViewOptions(command)
    .argument('<name>', 'the name of a case, or the number of its etcd issue; "list" lists the cases')
    .addOption(
      new Option('--as-etcd <x.y.z>', 'the release to behave like; default: the last that has the defect').argParser(
        etcdRelease,
      ),
    )
    .addOption(
      new Option('--scenario', 'print the scenario, with its release, instead of running it').conflicts(VIEW_FLAGS),
    )
    .addHelpText('after', helpText(HELP))
    .action(async (name: string) => {
      const options = command.optsWithGlobals<Options>();
      if (name === 'list')
        await context.out.write(choosePrinter(CASE_LIST_PRINTERS, options.writeOut)(KNOWN_CASES, context.outStyle));
      else await run(context, name, options);
    });
}

async function run(context: Context, name: string, options: Options): Promise<void> {
  const { asEtcd, scenario: show, writeOut } = options;
  const known = findCase(name);
  const release = (asEtcd ?? etcdRelease(known.release)).version;
  const yaml = caseScenario(known, release);
  if (show) {
    const print = choosePrinter(CASE_SCENARIO_PRINTERS, writeOut);
    await context.out.write(print(parseScenario(yaml, known.name).text, yaml));
    return;
  }
  const view = chooseView(options, 'summary');
  const scenario = parseScenario(yaml, known.name);
  const source = openScripted(scenario);
  const plan = planReplay(source, { scenario, watch: [] });
  const forPeople = writeOut === 'simple' || writeOut === 'table';
  if (forPeople) await context.out.write(caseStory(known, release, context.outStyle));
  const held = await playReplay(context, source, plan, { ...view, check: true });
  if (forPeople) await context.out.write(caseVerdict(held, release));
  if (!held) context.exitCode = EXIT.found;
}
