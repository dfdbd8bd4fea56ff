// mvccw version: the version of mvccw, and of the etcdctl that it follows.

import type { Command } from 'commander';
import { choosePrinter } from '../output/formats/registry.js';
import { helpText } from '../output/terminal/help-text.js';
import { VERSION_PRINTERS } from '../output/version-printer.js';
import { VERSION } from '../version.js';
import type { Context, SharedOptions } from './context.js';

/** The release of etcdctl whose commands and formats mvccw follows. */
const API_VERSION = '3.5';

const HELP = `
The API version is that of the etcdctl whose commands and output formats these are.

Examples:
  mvccw version
  mvccw version -w json | jq -r .version`;

export function defineVersion(command: Command, { out }: Context): void {
  command.addHelpText('after', helpText(HELP)).action(async () => {
    const print = choosePrinter(VERSION_PRINTERS, command.optsWithGlobals<SharedOptions>().writeOut);
    await out.write(print({ version: VERSION, apiVersion: API_VERSION }));
  });
}
