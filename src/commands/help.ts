// mvccw help: the help of the program, of a command, or of a topic.

import type { Command } from 'commander';
import { utf8 } from '../bytes/byte-string.js';
import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { HELP_TOPICS, topicLines } from '../output/help-topics/topic-list.js';
import { fitText, helpText } from '../output/terminal/help-text.js';
import type { Context } from './context.js';

const HELP = `
Topics:
${topicLines()}

Examples:
  mvccw help scenarios
  mvccw help watcher add      the same as mvccw watcher add --help`;

export function defineHelp(command: Command, { io, out }: Context): void {
  command
    .argument('[topic...]', 'a topic, or the words of a command; without one, the help of the program')
    .addHelpText('after', helpText(HELP))
    .action(async (words: readonly string[]) => {
      const topic = words.length === 1 ? HELP_TOPICS.find(({ name }) => name === words[0]) : undefined;
      if (topic === undefined) return namedCommand(command.parent!, words).outputHelp();
      await out.write(utf8(fitText(await topic.load(), io.stdout.columns ?? Number.POSITIVE_INFINITY)));
    });
}

/** Throws USAGE when there is no such command. */
function namedCommand(program: Command, words: readonly string[]): Command {
  let named = program;
  for (const word of words) {
    const below = named.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (below === undefined) {
      throw new MvccwError('USAGE', `there is no command or help topic ${quoteText(words.join(' '))}`, {
        hint: `topics are ${HELP_TOPICS.map(({ name }) => name).join(', ')}; "mvccw --help" lists the commands`,
      });
    }
    named = below;
  }
  return named;
}
