// The verb script-test: calls the notify script as an attack on a documentation address would, and tells how it behaved.

import { runScriptTest, type ScriptTestCall } from '#8-enforcement/notify-script/script-test.ts'
import { formatProblem } from '../config/format-problem.ts'
import { loadConfig } from '../config/load.ts'
import { scriptOptionsOf } from '../script-options.ts'

export interface ScriptTestOptions {
  /** The program; `undefined`: that of the configuration. */
  readonly path: string | undefined
  readonly config: string | undefined
  readonly json: boolean
}

interface Output {
  out(text: string): void
  err(text: string): void
}

/** Exit code 0 when all three calls ended with status 0, else 1. */
export async function scriptTest(options: ScriptTestOptions, output: Output): Promise<number> {
  const loaded = loadConfig({ file: options.config })
  if (loaded.kind === 'refused') {
    for (const problem of loaded.problems) output.err(`${formatProblem(problem)}\n`)
    return 1
  }
  const path = options.path ?? loaded.config.enforcement.notifyScript.path
  if (path === undefined) {
    output.err('floodwarden: no script: name one, or a configuration with enforcement.notifyScript.path\n')
    return 1
  }
  const { style, timeoutSeconds } = scriptOptionsOf(loaded.config, process.env)
  const calls = await runScriptTest(path, { style, timeoutSeconds, env: process.env })
  output.out(options.json ? `${JSON.stringify({ path, calls }, null, 2)}\n` : calls.map(callText).join('\n'))
  return calls.every(isFine) ? 0 : 1
}

const isFine = ({ end }: ScriptTestCall): boolean => end.kind === 'exited' && end.status === 0

function callText({ action, argv, end, report }: ScriptTestCall): string {
  const lines = [`${action}: ${argv.join(' ')}`, `  ${endText(end)}`, `  report on stdin: ${report}`]
  if (end.kind !== 'not-started') {
    if (end.stdout !== '') lines.push(...quoted('stdout', end.stdout))
    if (end.stderr !== '') lines.push(...quoted('stderr', end.stderr))
  }
  return `${lines.join('\n')}\n`
}

function endText(end: ScriptTestCall['end']): string {
  if (end.kind === 'not-started') return `did not start: ${end.error}`
  const after = `after ${end.milliseconds.toFixed(0)} ms`
  switch (end.kind) {
    case 'exited':
      return `ended with status ${end.status} ${after}`
    case 'killed':
      return `was killed by signal ${end.signal} ${after}`
    case 'timed-out':
    case 'stopped':
      return `did not end in time and was ended ${after}`
  }
}

const quoted = (name: string, text: string): string[] => [
  `  ${name}:`,
  ...text
    .trimEnd()
    .split('\n')
    .map(line => `    ${line}`),
]
