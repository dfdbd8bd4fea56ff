// This module lists the commands, so that a test of all of them notices a new one.

import type { Command } from 'commander';
import { buildProgram } from '../../src/cli/program.js';

/** Returns the words of every command and subcommand, as completion knows them. */
export async function allCommands(): Promise<string[][]> {
  const program = await buildProgram({ argv: ['completion'], io: { env: {}, stdout: {}, stderr: {} } } as never);
  const below = (command: Command): string[][] =>
    command.commands.flatMap((one) => [[one.name()], ...below(one).map((words) => [one.name(), ...words])]);
  return below(program);
}
