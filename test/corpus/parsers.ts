// The scripts of the corpus that parse every line, run on what was really on a script's stdin.

import { join } from 'node:path'
import { type Result, run } from '../../lab/command.ts'

export const PARSERS = ['parse-every-line.sh', 'parse-every-line.py', 'parse-every-line.pl'] as const

/** A call as a script sees it. */
export interface SeenCall {
  /** IP, direction, power, action. */
  readonly argv: readonly string[]
  readonly stdin: string
}

export const scriptPath = (name: string): string => join(import.meta.dirname, name)

export const callScript = (name: string, { argv, stdin }: SeenCall): Promise<Result> =>
  run([scriptPath(name), ...argv], { input: stdin })

/** What the parsers did not understand, one sentence each. */
export async function refusedBy(calls: readonly SeenCall[]): Promise<string[]> {
  const refused: string[] = []
  for (const call of calls) {
    const results = await Promise.all(PARSERS.map(name => callScript(name, call)))
    for (const [at, { code, stderr }] of results.entries()) {
      if (code !== 0) refused.push(`${PARSERS[at]} ${call.argv.join(' ')}: exit ${code}: ${stderr.trim()}`)
    }
  }
  return refused
}
