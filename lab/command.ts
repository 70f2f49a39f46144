// Runs a program to its end and says how it went.

import { spawn } from 'node:child_process'

export interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly input?: string
  /** The program is ended after this time; default 60 s. */
  readonly timeoutMilliseconds?: number
}

/** Code reported for a program that cannot be started, as shells do. */
export const NOT_FOUND = 127

const LONGEST_OUTPUT_BYTES = 1 << 20

/** Resolves with the exit code and the first megabyte of each output; never rejects. A program ended by a signal has code 1. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<Result> {
  const [program = '', ...args] = argv
  const timeout = options.timeoutMilliseconds ?? 60_000
  const child = spawn(program, args, { timeout, stdio: 'pipe' })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (output[name].length < LONGEST_OUTPUT_BYTES) output[name] += text
    })
  }
  // A program that ends before it has read its input is no error of ours.
  child.stdin.on('error', () => {}).end(options.input ?? '')
  return new Promise(resolve => {
    child.on('error', error => resolve({ code: NOT_FOUND, stdout: '', stderr: error.message }))
    child.on('close', (code, signal) => {
      if (code === null) output.stderr += `\nended by ${signal}; it may take ${timeout / 1000} s`
      resolve({ code: code ?? 1, ...output })
    })
  })
}

/** Like `run`, for a program that must succeed: throws with the command and what it wrote when it does not. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options)
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code}: ${(stderr || stdout).trim()}`)
  return stdout
}
