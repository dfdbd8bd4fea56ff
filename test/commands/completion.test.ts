import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runCli, stdoutOf, temporaryFolder } from '../support/run-cli.js';

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0;
}

function run(shell: string, args: readonly string[], cwd?: string): SpawnSyncReturns<string> {
  return spawnSync(shell, args, { encoding: 'utf8', ...(cwd !== undefined && { cwd }) });
}

type Words = readonly string[];

/** A function that returns the proposals for each line of words; the last word of a line is the one being typed. */
type Complete = (lines: readonly Words[], cwd?: string) => string[][];

/** A case has its own words for bash where an option contains `=`, which only bash takes for a separate word. */
interface Case {
  readonly words: Words;
  readonly inBash?: Words;
  readonly wanted: readonly string[] | ((proposals: readonly string[]) => boolean);
}

const all =
  (...expected: string[]) =>
  (proposals: readonly string[]) =>
    expected.every((word) => proposals.includes(word));

const CASES: readonly Case[] = [
  { words: ['ge'], wanted: ['get'] },
  { words: ['comp'], wanted: ['compact', 'compaction', 'completion'] },
  { words: ['watcher', ''], wanted: all('add', 'list', 'remove') },
  { words: ['watcher', 'a'], wanted: ['add'] },
  { words: ['get', '--pr'], wanted: ['--prefix', '--print-value-only'] },
  { words: ['get', 'key', '--min'], wanted: ['--min-create-rev', '--min-mod-rev'] },
  { words: ['put', '--l'], wanted: ['--lease'] },
  { words: ['-w', 'j'], wanted: ['json'] },
  { words: ['get', 'key', '-w', ''], wanted: ['fields', 'json', 'simple', 'table'] },
  { words: ['get', '--order', 'D'], wanted: ['DESCEND'] },
  { words: ['get', '--sort-by', ''], wanted: ['CREATE', 'KEY', 'MODIFY', 'VALUE', 'VERSION'] },
  { words: ['get', '--sort-by=M'], inBash: ['get', '--sort-by', '=', 'M'], wanted: ['MODIFY'] },
  { words: ['get', '--rev', ''], wanted: [] },
  { words: ['completion', ''], wanted: ['bash', 'fish', 'zsh'] },
  { words: ['watch', '--filter', ''], wanted: ['delete', 'put'] },
  { words: ['watcher', 'add', 'n', 'k', '--filter', 'd'], wanted: ['delete'] },
  { words: ['help', 'wat'], wanted: ['watch', 'watcher'] },
  { words: ['help', 'sc'], wanted: ['scenarios', 'schema'] },
  { words: ['lease', 'help', ''], wanted: ['grant', 'keep-alive', 'list', 'revoke', 'timetolive'] },
  { words: ['get', '--he'], wanted: ['--help', '--hex'] },
  // The value of an option is not taken for a command, and neither is a key.
  { words: ['--db', 'get', 'wat'], wanted: all('watcher') },
  { words: ['get', 'put', '--pr'], wanted: ['--prefix', '--print-value-only'] },
  { words: ['compaction', '--ph'], wanted: ['--physical'] },
];

const FILES = ['dump.db', 'some file'];

function checkCases(t: Test, complete: Complete, wordsOf: (one: Case) => Words): void {
  const answers = complete(CASES.map(wordsOf));
  for (const [i, { words, wanted }] of CASES.entries()) {
    const proposals = [...answers[i]!].sort();
    const name = words.join(' ');
    if (typeof wanted === 'function') t.ok(wanted(proposals), `${name}: ${proposals}`);
    else t.strictSame(proposals, wanted, name);
  }
  const cwd = temporaryFolder(t);
  for (const file of FILES) writeFileSync(join(cwd, file), '');
  const lines = [
    ['import', ''],
    ['--db', ''],
    ['get', 'key', '--db', ''],
  ];
  for (const proposals of complete(lines, cwd)) t.strictSame([...proposals].sort(), FILES);
}

t.test('bash', { skip: !has('bash') }, async (t) => {
  const script = await stdoutOf(t, ['completion', 'bash']);
  const asked = `
    COMP_WORDS=(mvccw "$@"); COMP_CWORD=$#
    _mvccw 2>&1
    for proposal in "\${COMPREPLY[@]}"; do echo "$proposal"; done`;
  const complete: Complete = (lines, cwd) =>
    lines.map((words) => {
      const { stdout } = run('bash', ['--norc', '-c', `${script}${asked}`, 'bash', ...words], cwd);
      return stdout.split('\n').slice(0, -1);
    });
  checkCases(t, complete, ({ words, inBash }) => inBash ?? words);
  t.strictSame(complete([['get', '--sort-by', '=']])[0]?.length, 5, 'right behind the equals sign');
  t.strictSame(complete([['get', '--', '--pr']]), [[]], 'behind -- there are no options');
});

t.test('fish', { skip: !has('fish') }, async (t) => {
  const folder = temporaryFolder(t);
  const script = join(folder, 'mvccw.fish');
  writeFileSync(script, await stdoutOf(t, ['completion', 'fish']));
  t.equal(run('fish', ['-n', script]).stderr, '');
  const complete: Complete = (lines, cwd) =>
    lines.map((words) => {
      const line = ['mvccw', ...words].join(' ');
      const { stdout, stderr } = run('fish', ['--no-config', '-c', `source ${script}; complete -C '${line}'`], cwd);
      t.equal(stderr, '');
      // A proposal is followed by a tab and its description; one for a value after = is preceded by the option.
      const proposals = stdout.split('\n').slice(0, -1);
      return proposals.map((one) =>
        one
          .split('\t')[0]!
          .replace(/^--[a-z-]+=/, '')
          .replaceAll('\\ ', ' '),
      );
    });
  checkCases(t, complete, ({ words }) => words);
});

/**
 * The commands that zsh reads in its terminal: they write what completion would propose to a file, and make ^X complete
 * the line that is in another file.
 */
const ZSH_SETUP = `
PROMPT='' RPROMPT=''
fpath=($ASK/fpath $fpath)
autoload -Uz compinit
compinit -D -u
compadd() {
  # Not those that only look at what there is.
  if [[ ${'$'}{@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a found
  builtin compadd -A found "$@"
  print -rl -- $found >> $ASK/found
  builtin compadd "$@"
}
ask() {
  BUFFER=$(<$ASK/line)
  CURSOR=$#BUFFER
  zle complete-word
  : > $ASK/done
  BUFFER=''
}
zle -N ask
bindkey '^X' ask
: > $ASK/done
`;

/** The script has zsh complete each line of stdin in a pseudo-terminal, because zsh completes only in a terminal. */
const ZSH_ASK = `
zmodload zsh/zpty
wait_until_done() { until [[ -e $ASK/done ]]; do zpty -r -t asked ignored; sleep 0.01; done; rm $ASK/done }
zpty asked zsh -f -i
zpty -w asked 'source $ASK/setup.zsh'
wait_until_done
while IFS= read -r line; do
  print -rn -- $line > $ASK/line
  : > $ASK/found
  zpty -w -n asked $'\\C-x'
  wait_until_done
  print -r -- "LINE $line"
  cat $ASK/found
done
zpty -d asked
`;

t.test('zsh', { skip: !has('zsh') }, async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'fpath'));
  const script = join(folder, 'fpath', '_mvccw');
  writeFileSync(script, await stdoutOf(t, ['completion', 'zsh']));
  writeFileSync(join(folder, 'setup.zsh'), ZSH_SETUP);
  t.equal(run('zsh', ['-n', script]).stderr, '');
  const sourced = run('zsh', [
    '-f',
    '-c',
    `autoload -Uz compinit; compinit -D -u; source ${script}; print $_comps[mvccw]`,
  ]);
  t.equal(sourced.stdout.trim(), '_mvccw', 'sourced, it is in force');
  const complete: Complete = (lines, cwd) => {
    const { stdout } = spawnSync('zsh', ['-f', '-c', ZSH_ASK], {
      encoding: 'utf8',
      input: lines.map((words) => `${['mvccw', ...words].join(' ')}\n`).join(''),
      env: { ...process.env, ASK: folder },
      timeout: 60_000,
      ...(cwd !== undefined && { cwd }),
    });
    const answers = stdout.split(/^LINE .*\n/m).slice(1);
    return answers.map((answer) => answer.replaceAll('\\ ', ' ').split('\n').filter(Boolean));
  };
  checkCases(t, complete, ({ words }) => words);
});

t.test('a shell that is not known', async (t) => {
  const { exitCode, stderr } = await runCli(['completion', 'powershell']);
  t.equal(exitCode, 2);
  t.match(stderr, /Allowed choices are bash, zsh, fish/);
});
