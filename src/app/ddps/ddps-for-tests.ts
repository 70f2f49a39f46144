// DDPS's API at a door of the network with users, asked without a network; behind it a desk of rules that notes what it is asked.

import { accessForTests, PASSWORD } from '#api/access/access-for-tests.ts'
import type { AccessConfig } from '#api/access/config.ts'
import type { Identity, Role } from '#api/contract/access.ts'
import type { DdpsOrder, OrderOutcome, RuleRoom, RuleRow, Withdrawn } from '#compat/ddps/api/desk.ts'
import { type DdpsPlugin, ddpsPlugin } from '#compat/ddps/api/plugin.ts'
import { DDPS_ACTIONS } from '#compat/ddps/words.ts'
import { contains, parsePrefix } from '#lib/ip/prefix.ts'
import { configWith } from '../engine-for-tests.ts'
import { tokenRoom } from './token-room.ts'

/** Whoever is confined may touch 10.0.0.0/24, everybody else 10.0.0.0/16. */
export class NotingRules implements RuleRoom {
  readonly orders: (DdpsOrder & { readonly by: string })[] = []
  outcome: OrderOutcome = { kind: 'accepted' }
  withdrawn: Withdrawn = { kind: 'withdrawn' }
  rows: readonly RuleRow[] = []

  actions(): readonly string[] {
    return DDPS_ACTIONS
  }

  mayTouch(target: Parameters<RuleRoom['mayTouch']>[0], { customers }: Identity): boolean {
    const network = parsePrefix(customers === undefined ? '10.0.0.0/16' : '10.0.0.0/24')
    return network !== undefined && contains(network, target)
  }

  async add(order: DdpsOrder, { name }: Identity): Promise<OrderOutcome> {
    if (this.outcome.kind === 'accepted') this.orders.push({ ...order, by: name })
    return this.outcome
  }

  async list(): Promise<readonly RuleRow[]> {
    return this.rows
  }

  async withdraw(): Promise<Withdrawn> {
    return this.withdrawn
  }
}

export function ddpsForTests(changes: Partial<AccessConfig> = {}, shared?: string) {
  const rules = new NotingRules()
  const failures: unknown[] = []
  const settings = configWith({})
  const found: { plugin?: DdpsPlugin } = {}
  const made = accessForTests(changes, {
    ...(shared === undefined ? {} : { shared }),
    dialect: ({ desk, gate, documents, config, now }) => {
      const tokens = tokenRoom({
        ...{ access: desk, gate, documents, now },
        config: () => ({ ...settings, api: { ...settings.api, access: config } }),
      })
      found.plugin = ddpsPlugin({ rules, tokens }, error => failures.push(error))
      return found.plugin
    },
  })
  const { plugin } = found
  if (plugin === undefined) throw new Error('the door was made without the dialect')
  const post = async (url: string, payload: string | object = '', headers: Record<string, string> = {}) => {
    const answer = await made.server.inject({ method: 'POST', url, payload, headers })
    const set = answer.headers['set-cookie']
    return {
      ...{ status: answer.statusCode, text: answer.body, headers: answer.headers },
      set: String(set ?? ''),
      token: /^token=([^;]+)/.exec(String(set ?? ''))?.[1] ?? '',
    }
  }
  const signIn = (username: string, password = PASSWORD, headers: Record<string, string> = {}) =>
    post('/signin', { username, password }, headers)
  /** Token of a new user. */
  const tokenOf = async (name: string, role: Role = 'operator') => {
    await made.user(name, role)
    return (await signIn(name)).token
  }
  return { ...made, rules, failures, post, signIn, tokenOf, plugin }
}

export const cookie = (token: string) => ({ cookie: `token=${token}` })
