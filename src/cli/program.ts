// The command line: verbs, their options, their help, and the exit codes 0 (ok), 1 (refused or failed) and 2 (usage).

import { Command, CommanderError } from 'commander'
import { errorText, stackText } from '#lib/log/facts.ts'
import { VERSION } from '#lib/version.ts'
import { type Context, EXIT } from './context.ts'
import { fromFastnetmon } from './fastnetmon-words.ts'
import type { Io } from './io.ts'
import type { LocalVerbs } from './local-verbs.ts'
import { loadVerbs } from './verb-table.ts'

const WORDS = `
Exit codes: 0 ok, 1 refused or failed, 2 wrong usage.

First steps:
  floodwarden run eth1      watch the mirror port eth1
  floodwarden top           see its traffic
  floodwarden doctor        see what is missing`

/** Runs the verb that `argv` names (without node and script) and returns the exit code; never throws. */
export async function runCommandLine(argv: readonly string[], verbs: LocalVerbs, io: Io): Promise<number> {
  const context: Context = { io, verbs, exitCode: EXIT.usage }
  const words = fromFastnetmon(argv)
  try {
    const program = await buildProgram(context, words[0])
    await program.parseAsync(words, { from: 'user' })
    return context.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    io.err(`floodwarden: ${argv.includes('--debug') ? stackText(error) : errorText(error)}\n`)
    return EXIT.failed
  }
}

/** The program with that verb alone, or with all of them. Exported for the reference, which is generated from it. */
export async function buildProgram(context: Context, verb?: string): Promise<Command> {
  const program = new Command('floodwarden')
    .description('Watches a network, finds DDoS floods within a second, explains them, and stops them.')
    .version(VERSION, '-V, --version')
    .usage('VERB [options]')
    .showHelpAfterError('(floodwarden VERB --help tells more)')
    .showSuggestionAfterError(true)
    .configureOutput({ writeOut: context.io.out, writeErr: context.io.err })
    .exitOverride()
    .addHelpText('after', WORDS)
  for (const add of await loadVerbs(verb)) add(program, context)
  return program
}
