// Gives a command the options of its request.

import { type Command, Option } from 'commander';
import { type AnyOptionTable, flagName, isValueOption, withEarlier } from '../requests/option-table.js';

export function addRequestOptions(command: Command, table: AnyOptionTable): Command {
  for (const [field, option] of Object.entries(table)) {
    const name = flagName(field);
    if (!isValueOption(option)) {
      command.option(name, option.help);
      continue;
    }
    const { help, value, choices, parse } = option;
    const added = new Option(`${name} ${value}`, help);
    if (choices !== undefined) added.choices(choices);
    added.argParser<unknown>((text, before) => withEarlier(option, parse(text, name), before));
    command.addOption(added);
  }
  return command;
}
