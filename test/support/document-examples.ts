// This module finds and runs the examples in a text for people. An example looks as in a terminal: a command behind
// "$ ", and below it the output.

import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN } from './processes.js';
import { projectFile } from './root.js';
import { runCli, runMerged } from './run-cli.js';

/** The present of the examples: it decides which time the 40 bits in a request id are. */
const PRESENT_MS = Date.UTC(2026, 11, 1);

export interface Example {
  /** The line number of the command counts from 1. */
  readonly line: number;
  readonly command: string;
  /** The output is the text below the command; "…" stands for any lines if alone on a line, else for any characters. */
  readonly output: string;
}

/** Returns the examples of a help topic, which are indented by two spaces, or of a README, which are between fences. */
export function examplesIn(text: string): Example[] {
  const fenced = text.includes('\n```');
  const examples: Example[] = [];
  let lines: string[] | undefined;
  let inside = !fenced;
  for (const [at, whole] of text.split('\n').entries()) {
    if (fenced && whole.startsWith('```')) {
      inside = !inside;
      lines = undefined;
      continue;
    }
    if (!inside) continue;
    if (!fenced && /^\S/.test(whole)) lines = undefined;
    const line = fenced ? whole : whole.slice(2);
    if (line.startsWith('$ ')) {
      lines = [line.slice(2)];
      examples.push({ line: at + 1, command: '', output: '' });
    } else {
      lines?.push(line);
    }
    if (lines !== undefined) examples[examples.length - 1] = { line: examples.at(-1)!.line, ...split(lines) };
  }
  return examples;
}

/** Separates a command from its output; the command continues on the next line after a backslash or a bar. */
function split(lines: readonly string[]): Pick<Example, 'command' | 'output'> {
  let end = 1;
  while (end < lines.length && /[\\|]$/.test(lines[end - 1]!)) end++;
  return { command: lines.slice(0, end).join('\n'), output: lines.slice(end).join('\n').trimEnd() };
}

export function matches(shown: string, printed: string): boolean {
  const escaped = shown.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = escaped.replace(/^ *…$/gm, '[^]*').replaceAll('…', '.*').replaceAll('[^]*\n', '(?:[^]*\n)?');
  return new RegExp(`^${pattern}$`).test(printed.trimEnd());
}

/** Runs examples one after another in a folder that has the fixtures' snapshot as snapshot.db. */
export class ExampleShell {
  private status = 0;

  constructor(private readonly folder: string) {
    process.chdir(folder);
    writeFileSync('mvccw', `#!/bin/sh\nexec ${process.execPath} ${BIN} "$@"\n`);
    chmodSync('mvccw', 0o755);
  }

  /** Returns what a terminal would show of both outputs. The example "cat FILE" creates the file from its output. */
  async run({ command, output }: Example): Promise<string> {
    const plain = command.replaceAll('\\\n', '').replace(/\s+#[^"']*$/, '');
    const [, file] = /^cat (\S+)$/.exec(plain) ?? [];
    if (file !== undefined) {
      writeFileSync(join(this.folder, file), `${output}\n`);
      return output;
    }
    if (plain === 'echo $?') return String(this.status);
    // The shell skips the installation and only starts the program.
    if (plain === 'npm ci && npm start') return this.spawn('npm start --silent', projectFile(''));
    const words = /[|;&]/.test(plain) || !plain.startsWith('mvccw ') ? undefined : wordsOf(plain.slice(6));
    return words === undefined ? this.spawn(command) : this.runHere(words);
  }

  private async runHere(words: string[]): Promise<string> {
    const target = words.at(-2) === '>' ? words.splice(-2)[1] : undefined;
    if (target === undefined) {
      const { exitCode, output } = await runMerged(words, { nowMs: PRESENT_MS });
      this.status = exitCode;
      return output;
    }
    const { exitCode, stdout, stderr } = await runCli(words);
    this.status = exitCode;
    writeFileSync(join(this.folder, target), stdout);
    return stderr;
  }

  private spawn(command: string, cwd = this.folder): string {
    const { status, stdout } = spawnSync('sh', ['-c', `exec 2>&1\n${command}`], {
      encoding: 'utf8',
      cwd,
      env: { PATH: `${this.folder}:${process.env.PATH}` },
    });
    this.status = status ?? 70;
    return stdout;
  }
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
