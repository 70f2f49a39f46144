// The reference page of the command line, from the program itself.

import type { Command } from 'commander'
import type { Context } from '#cli/context.ts'
import { buildProgram } from '#cli/program.ts'
import { pageHead, table } from './exports.ts'

const INTRODUCTION = `
Exit codes: 0 ok, 1 refused or failed, 2 wrong usage. \`floodwarden VERB --help\` says the same in the terminal.
`

export function cliPage(): string {
  const program = buildProgram(NOBODY_RUNS)
  const verbs = program.commands.filter(command => command.name() !== 'help').map(commandText)
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
    simulate: never,
    doctor: never,
    top: never,
    ruleFiles: never,
    ...STATE_VERBS,
  },
  exitCode: 0,
}

function commandText(command: Command): string {
  const usage = ['floodwarden', command.name(), command.usage()].filter(word => word !== '').join(' ')
  const parts = [`## ${command.name()}`, `\`${usage}\``, command.description(), ...argumentsText(command)]
  return [...parts, ...optionsText(command)].filter(part => part !== '').join('\n\n')
}

function argumentsText(command: Command): string[] {
  const rows = command.registeredArguments
    .filter(argument => argument.description !== '')
    .map(argument => [`\`${argument.name().toUpperCase()}\``, argument.description])
  return rows.length === 0 ? [] : [table(['argument', 'meaning'], rows)]
}

function optionsText(command: Command): string[] {
  const rows = command.options
    .filter(option => !option.hidden)
    .map(option => [`\`${option.flags}\``, option.description, defaultText(option.defaultValue)])
  return rows.length === 0 ? [] : [table(['option', 'meaning', 'default'], rows)]
}

const defaultText = (value: unknown): string =>
  value === undefined || value === false ? '' : `\`${String(value)}\``
