// `users`: people who may log in. The first admin is added here, by whoever may open the control socket.

import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { confinementText, ROLES, type Role } from '#api/contract/access.ts'
import { ROUTES } from '#api/contract/routes.ts'
import type { UserChange, UserView } from '#api/contract/users.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addSame, addState, addVerb, type Context, EXIT } from '../context.ts'
import { accessNameText, targetText } from '../parse.ts'
import { table } from '../table.ts'

interface PasswordFlags extends AskFlags {
  readonly passwordFile?: string
}
interface AddFlags extends PasswordFlags {
  readonly role: Role
  readonly customer?: string[]
  readonly network?: string[]
}
interface ChangeFlags extends AskFlags {
  readonly role?: Role
  readonly customer?: string[]
  readonly allCustomers?: true
  readonly network?: string[]
  readonly allNetworks?: true
}

export function addUsers(program: Command, context: Context): void {
  const verb = addVerb(program, 'users', 'list the people who may log in, add, change and remove some', [
    'users',
    'users add ann --role admin',
    'users add bob --role viewer --customer acme',
    'users add cid --role operator --network 192.0.2.0/25',
    'users passwd ann',
    'users disable bob',
  ])
  const list = (flags: AskFlags) => ask(context, flags, ROUTES.users, {}, ({ users }) => usersText(users))
  addState(addJson(verb)).action(list)
  addState(addJson(addSame(verb, 'list', 'users list --json'))).action((_: unknown, self: Command) =>
    list(self.optsWithGlobals<AskFlags>()),
  )
  addAdd(verb, context)
  addPassword(verb, context)
  addChange(verb, context)
  for (const [name, disabled, summary] of [
    ['disable', true, 'keep a user from logging in, and end his sessions'],
    ['enable', false, 'let a user log in again'],
  ] as const)
    withName(verb, name, summary).action((user: string, _: unknown, self: Command) =>
      change(context, self, { name: user, disabled }),
    )
  withName(verb, 'remove', 'remove a user, and end his sessions').action(
    (name: string, _: unknown, self: Command) =>
      ask(
        context,
        self.optsWithGlobals<AskFlags>(),
        ROUTES.removeUser,
        { name },
        user => `${user.name} is gone.\n`,
      ),
  )
}

function withName(users: Command, name: string, summary: string, more = ''): Command {
  const sub = addState(addJson(addVerb(users, name, summary, [`users ${name} ann${more}`])))
  return sub.argument('<name>', 'the user', accessNameText)
}

function addAdd(users: Command, context: Context): void {
  withPassword(
    withName(
      users,
      'add',
      'add a user; the password is asked for, or piped in, or in a file',
      ' --role admin',
    ),
  )
    .addOption(roleOption().makeOptionMandatory())
    .option('--customer <id...>', 'confined to these customers of the inventory')
    .option('--network <prefix...>', NETWORK, networkTexts)
    .action(async (name: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<AddFlags>()
      const password = await passwordFor(context, flags)
      if (password === undefined) return
      const { role, customer: customers, network: networks } = flags
      const input = { name, password, role, ...(customers && { customers }), ...(networks && { networks }) }
      await ask(
        context,
        flags,
        ROUTES.addUser,
        input,
        user => `${user.name} may log in as ${whatText(user)}.\n`,
      )
    })
}

function addPassword(users: Command, context: Context): void {
  withPassword(withName(users, 'passwd', 'set the password of a user, and end his sessions')).action(
    async (name: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<PasswordFlags>()
      const password = await passwordFor(context, flags)
      if (password === undefined) return
      await ask(
        context,
        flags,
        ROUTES.setPassword,
        { name, password },
        user => `${user.name} has a new password.\n`,
      )
    },
  )
}

function addChange(users: Command, context: Context): void {
  withName(users, 'change', 'change the role, the customers or the networks of a user', ' --role operator')
    .addOption(roleOption())
    .option('--customer <id...>', 'confined to these customers of the inventory')
    .addOption(new Option('--all-customers', 'no longer confined to customers').conflicts('customer'))
    .option('--network <prefix...>', NETWORK, networkTexts)
    .addOption(new Option('--all-networks', 'no longer confined to networks').conflicts('network'))
    .action((name: string, _: unknown, self: Command) => {
      const { role, customer, allCustomers, network, allNetworks } = self.optsWithGlobals<ChangeFlags>()
      const customers = allCustomers ? null : customer
      const networks = allNetworks ? null : network
      return change(context, self, {
        name,
        ...(role && { role }),
        ...(customers !== undefined && { customers }),
        ...(networks !== undefined && { networks }),
      })
    })
}

export const NETWORK = 'confined to these prefixes: what lies within one of them'

/** Each is checked as it comes. */
export const networkTexts = (text: string, before: string[] = []): string[] => [...before, targetText(text)]

export const roleOption = (): Option =>
  new Option(
    '--role <role>',
    'viewer looks, operator acts on attacks, admin also decides who may what',
  ).choices(ROLES)

const withPassword = (verb: Command): Command =>
  verb.option('--password-file <file>', 'the password is the first line of this file')

const change = (context: Context, self: Command, input: UserChange): Promise<void> =>
  ask(context, self.optsWithGlobals<AskFlags>(), ROUTES.changeUser, input, changedText)

const changedText = (user: UserView): string =>
  user.disabled ? `${user.name} cannot log in.\n` : `${user.name} is ${whatText(user)}.\n`

/** Undefined when there is none, and it was said why. */
async function passwordFor(context: Context, { passwordFile }: PasswordFlags): Promise<string | undefined> {
  const { io } = context
  const refuse = (words: string): undefined => {
    io.err(`floodwarden: ${words}\n`)
    context.exitCode = EXIT.failed
  }
  if (passwordFile !== undefined) return readFileSync(passwordFile, 'utf8').split(/\r?\n/, 1)[0] ?? ''
  const first = await io.secret('Password: ')
  if (first === undefined) return refuse('no password came: type one, pipe one in, or say --password-file')
  if (!first.isTyped) return first.text
  const again = await io.secret('The same again: ')
  return again?.text === first.text ? first.text : refuse('the two differ; nothing was changed')
}

const whatText = ({ role, ...scope }: UserView): string => [role, confinementText(scope)].join(' ').trim()

export function usersText(users: readonly UserView[]): string {
  if (users.length === 0)
    return 'There are no users. Add the first: floodwarden users add NAME --role admin\n'
  const rows = users.map(user => [
    user.name,
    user.role,
    confinementText(user) || 'everything',
    user.lastLoginAt === undefined ? 'never' : momentText(Date.parse(user.lastLoginAt)),
    `${momentText(Date.parse(user.createdAt))} by ${user.createdBy}`,
    user.disabled ? 'disabled' : '',
  ])
  return table([['name', 'role', 'for', 'logged in', 'added', ''], ...rows])
}
