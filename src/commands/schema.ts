// mvccw schema: JSON schemas of what mvccw reads and writes.

import { Argument, type Command } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { SCHEMAS } from '../output/replay/schemas.js';
import { helpText } from '../output/terminal/help-text.js';
import type { Context } from './context.js';

const HELP = `
${Object.entries(SCHEMAS)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

An editor with the YAML language server checks a scenario, and completes it, where it begins with
  # yaml-language-server: $schema=./scenario.schema.json

Examples:
  mvccw schema scenario > scenario.schema.json`;

export function defineSchema(command: Command, { out }: Context): void {
  command
    .addArgument(new Argument('<name>', 'the schema, see below').choices(Object.keys(SCHEMAS)))
    .addHelpText('after', helpText(HELP))
    .action(async (name: string) => {
      await out.line(utf8(JSON.stringify(SCHEMAS[name]!.schema, null, 2)));
    });
}
