// `tokens`: what programs present instead of a password.

import type { Command } from 'commander'
import { confinementText, type Role } from '#api/contract/access.ts'
import { ROUTES } from '#api/contract/routes.ts'
import type { NewToken, TokenView } from '#api/contract/tokens.ts'
import { momentText } from '#lib/clock/local-time.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addSame, addState, addVerb, type Context } from '../context.ts'
import { accessNameText, expiryMoment } from '../parse.ts'
import { table } from '../table.ts'
import { NETWORK, networkTexts, roleOption } from './users.ts'

interface AddFlags extends AskFlags {
  readonly role: Role
  readonly customer?: string[]
  readonly network?: string[]
  readonly expires?: string
}

export function addTokens(program: Command, context: Context): void {
  const verb = addVerb(program, 'tokens', 'list the tokens of programs, make and revoke some', [
    'tokens',
    'tokens add fastnetmon-edge --role operator --expires 365d',
    'tokens add portal --role viewer --customer acme',
    'tokens revoke fastnetmon-edge',
  ])
  const list = (flags: AskFlags) => ask(context, flags, ROUTES.tokens, {}, ({ tokens }) => tokensText(tokens))
  addState(addJson(verb)).action(list)
  addState(addJson(addSame(verb, 'list', 'tokens list --json'))).action((_: unknown, self: Command) =>
    list(self.optsWithGlobals<AskFlags>()),
  )
  const adding = 'make a token; it is shown this once'
  addState(addJson(addVerb(verb, 'add', adding, ['tokens add fastnetmon-edge --role operator'])))
    .argument('<name>', 'whose it is, for the audit', accessNameText)
    .addOption(roleOption().makeOptionMandatory())
    .option('--customer <id...>', 'confined to these customers of the inventory')
    .option('--network <prefix...>', NETWORK, networkTexts)
    .option('--expires <when>', 'a moment such as 2027-01-01T00:00:00Z, or 90d, 12h from now', expiryMoment)
    .action((name: string, _: unknown, self: Command) => {
      const flags = self.optsWithGlobals<AddFlags>()
      const { role, customer: customers, network: networks, expires: expiresAt } = flags
      const scope = { ...(customers && { customers }), ...(networks && { networks }) }
      const input = { name, role, ...scope, ...(expiresAt && { expiresAt }) }
      return ask(context, flags, ROUTES.addToken, input, addedText)
    })
  addState(addJson(addVerb(verb, 'revoke', 'revoke a token at once', ['tokens revoke fastnetmon-edge'])))
    .argument('<name>', 'name or id of the token', accessNameText)
    .action((id: string, _: unknown, self: Command) =>
      ask(
        context,
        self.optsWithGlobals<AskFlags>(),
        ROUTES.revokeToken,
        { id },
        token => `${token.name} is revoked.\n`,
      ),
    )
}

const addedText = ({ token, name, role, expiresAt }: NewToken): string => {
  const end = expiresAt === undefined ? '' : `, until ${momentText(Date.parse(expiresAt))}`
  return `${token}\n\nThis is the token of ${name}, ${role}${end}. It is not shown again: keep it in a file that its program alone may read.\n`
}

export function tokensText(tokens: readonly TokenView[]): string {
  if (tokens.length === 0) return 'There are no tokens.\n'
  const rows = tokens.map(token => [
    ...[token.name, token.id, token.role, confinementText(token) || 'everything'],
    token.expiresAt === undefined ? 'revoked' : momentText(Date.parse(token.expiresAt)),
    token.lastUsedAt === undefined ? 'never' : momentText(Date.parse(token.lastUsedAt)),
    `${momentText(Date.parse(token.createdAt))} by ${token.createdBy}`,
  ])
  return table([['name', 'id', 'role', 'for', 'until', 'used', 'added'], ...rows])
}
