// What the verbs share: where they print, what they call, and the exit code one of them leaves behind.

import type { Command } from 'commander'
import type { Failure } from '#api/contract/client.ts'
import { failureText } from '#api/contract/failure-text.ts'
import { stackText } from '#lib/log/facts.ts'
import { controlSocket, stateDirectory } from '#lib/state-directory.ts'
import { addDoor, type DoorFlags } from './door.ts'
import type { Io } from './io.ts'
import type { LocalVerbs, PlaceOptions } from './local-verbs.ts'

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const

export interface Context {
  readonly io: Io
  readonly verbs: LocalVerbs
  /** Left by the verb that ran. */
  exitCode: number
}

/** Options as commander leaves them: absent flags are undefined. */
export type StateFlag = DoorFlags
export interface DebugFlag {
  readonly debug?: true
}
export interface JsonFlag {
  readonly json?: true
}

/** A verb with the flag that all verbs have, and examples below its help. */
export function addVerb(
  program: Command,
  usage: string,
  summary: string,
  examples: readonly string[],
): Command {
  const verb = program
    .command(usage)
    .description(summary)
    .option('--debug', 'tell the causes and stacks of errors')
  const lines = examples.map(example => `  floodwarden ${example}\n`)
  return verb.addHelpText('after', `\nExamples:\n${lines.join('')}`.trimEnd())
}

/** A verb below one that does the same without a word more. */
export const addSame = (verb: Command, name: string, example: string): Command =>
  addVerb(verb, name, 'the same, for whoever looks for a verb', [example])

/** For verbs that ask a daemon, wherever it is. */
export const addState = (verb: Command): Command => addPlace(addDoor(verb))

/** For verbs that are about this machine alone. */
export const addPlace = (verb: Command): Command =>
  verb.option(
    '--state <dir>',
    'state directory of the daemon (default: FLOODWARDEN_STATE, else /var/lib/floodwarden for root, else the XDG state directory)',
  )

export const addJson = (verb: Command): Command => verb.option('--json', 'print facts as JSON')

/** Where a daemon of this user keeps its things. */
export function placeOf(io: Io, flags: StateFlag): PlaceOptions {
  const state = stateDirectory({ flag: flags.state, environment: io.environment, uid: io.uid })
  return { state, socket: controlSocket(state) }
}

/** Says why a call failed; returns the exit code. */
export function complain(io: Io, failure: Failure, flags: DebugFlag): number {
  io.err(`floodwarden: ${failureText(failure)}\n`)
  if (flags.debug && 'cause' in failure) io.err(`${stackText(failure.cause)}\n`)
  if (flags.debug && failure.kind === 'refused') io.err(`${JSON.stringify(failure.problem, null, 2)}\n`)
  return EXIT.failed
}

/** Facts for programs. */
export const printJson = (io: Io, facts: unknown): void => io.out(`${JSON.stringify(facts, null, 2)}\n`)
