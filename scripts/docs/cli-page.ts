// The reference page of the command line, from the program itself.

import type { Command } from 'commander'
import type { Context } from '#cli/context.ts'
import { buildProgram } from '#cli/program.ts'
import { pageHead, table } from './exports.ts'

const INTRODUCTION = `
Exit codes: 0 ok, 1 refused or failed, 2 wrong usage. \`floodwarden VERB --help\` says the same in the terminal.
`

export function cliPage(): string {
  const verbs = verbsOf(program).flatMap(verb => commandTexts(verb, []))
  const head = pageHead('Command line', 'src/cli/program.ts')
  return `${head}${INTRODUCTION}\n${[...optionsText(program), ...verbs].join('\n\n')}\n`
}

const never = (): never => {
  throw new Error('the reference runs no verb')
}

const STATE_VERBS = { verifyAudit: never, backup: never, restore: never }

/** The program is built and described, never run. */
const NOBODY_RUNS: Context = {
  io: {
    environment: {},
    uid: undefined,
    out: never,
    err: never,
    question: never,
    secret: never,
    connect: never,
  },
  verbs: {
    run: never,
    check: never,
    replay: never,
    distill: never,
    rulePost: never,
    decodeAttack: never,
    mitigator: never,
    scriptTest: never,
    protect: never,
    protectPreset: never,
    simulate: never,
    doctor: never,
    top: never,
    ruleFiles: never,
    ...STATE_VERBS,
  },
  exitCode: 0,
}

const program = await buildProgram(NOBODY_RUNS)

const verbsOf = (command: Command): Command[] => command.commands.filter(verb => verb.name() !== 'help')

/** A verb, then the verbs below it, whose options are told only where the verb above does not have them. */
function commandTexts(command: Command, above: readonly Command[]): string[] {
  const words = [...above, command].map(each => each.name())
  const usage = ['floodwarden', ...words, command.usage()].filter(word => word !== '').join(' ')
  const known = above.flatMap(each => each.options.map(({ flags }) => flags))
  const parts = [
    `${'#'.repeat(words.length + 1)} ${words.join(' ')}`,
    `\`${usage}\``,
    command.description(),
    ...argumentsText(command),
    ...optionsText(command, known),
  ]
  const own = parts.filter(part => part !== '').join('\n\n')
  return [own, ...verbsOf(command).flatMap(verb => commandTexts(verb, [...above, command]))]
}

function argumentsText(command: Command): string[] {
  const rows = command.registeredArguments
    .filter(argument => argument.description !== '')
    .map(argument => [`\`${argument.name().toUpperCase()}\``, argument.description])
  return rows.length === 0 ? [] : [table(['argument', 'meaning'], rows)]
}

function optionsText(command: Command, known: readonly string[] = []): string[] {
  const rows = command.options
    .filter(option => !option.hidden && !known.includes(option.flags))
    .map(option => [`\`${option.flags}\``, option.description, defaultText(option.defaultValue)])
  return rows.length === 0 ? [] : [table(['option', 'meaning', 'default'], rows)]
}

const defaultText = (value: unknown): string =>
  value === undefined || value === false ? '' : `\`${String(value)}\``
