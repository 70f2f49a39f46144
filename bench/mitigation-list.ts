// What a page of 10,000 live mitigations costs over the API, filtered and not: from the request to the last byte of JSON.

import { buildInventory } from '#6-policy/inventory.ts'
import { inventorySchema } from '#6-policy/inventory-config.ts'
import { EXAMPLE_LIFE } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import type { Identity } from '#api/contract/access.ts'
import { fakeControl } from '#api/fake-control.ts'
import { buildApi } from '#api/server.ts'
import { AttackBook } from '#app/attack-book.ts'
import { MitigationDesk } from '#app/resources/mitigation-desk.ts'
import { Reach } from '#app/resources/reach.ts'
import { RulePreviews } from '#app/rules/rule-preview.ts'
import { assert } from '#lib/assert.ts'
import { DocumentShelf } from '#lib/documents.ts'
import { SILENT } from '#lib/log/logger.ts'
import { atMost, printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { printTable } from './table.ts'

const LIVE = 10_000
const CUSTOMERS = 100
const LIMIT_MS = 5
const ROUNDS = benchOptions().quick ? 50 : 500
const BEGAN = Date.UTC(2026, 0, 1)

const built = buildInventory(
  inventorySchema.parse({
    customers: Array.from({ length: CUSTOMERS }, (_, at) => ({
      id: `c${at}`,
      prefixes: [`10.${at}.0.0/16`],
    })),
  }),
)
assert(built.kind === 'ok', 'the inventory is sound')
const { inventory } = built
const documents = new DocumentShelf()
const store = new MitigationLedger()
for (let at = 0; at < LIVE; at++) store.put(mitigation(at))
for (let at = 0; at < LIVE; at += 3) documents.recall('acknowledged', `a-${at}`, { at: BEGAN, by: 'uid:0' })

const nothing = () => Promise.reject(new Error('nothing is asked of it here'))
const mitigations = new MitigationDesk({
  ...{ store, book: new AttackBook(), documents, reach: new Reach(() => inventory), onDisk: nothing },
  endAttack: nothing,
  rules: { live: [], longestSeconds: 3600, extend: nothing },
  previews: new RulePreviews({ book: { open: [] }, samples: nothing }),
  intake: {
    // Nothing is over: what the state answers is not measured here.
    mitigations: { get: nothing, past: async () => ({ items: [] }) },
    archive: { get: nothing },
    ...{
      events: {
        order: () => ({ kind: 'unavailable', reason: 'nothing is ordered here' }),
        wouldOrder: () => ({ kind: 'nothing', reason: 'nothing is asked of it here' }),
        prolong: () => false,
      },
      acknowledge: nothing,
      release: () => {},
    },
  },
})
let identity: Identity = { kind: 'token', name: 'bench', id: '1', role: 'viewer' }
const server = buildApi({
  ...{ control: fakeControl(), log: SILENT, resources: { mitigations } },
  callerOf: () => ({ uid: undefined, pid: undefined, identity }),
})

const rows = []
const [, , , last] = await pagesOf('limit=1000')
for (const [what, query, customers] of [
  ['the newest 100', 'limit=100', undefined],
  ['the newest 1,000', 'limit=1000', undefined],
  ['100 from the middle', `limit=100&cursor=${last ?? ''}`, undefined],
  ['100 of two states', 'state=announced,failed', undefined],
  ['100 of a customer', 'customer=c42', undefined],
  ['those within a /24', 'target=10.7.3.0/24', undefined],
  [
    'seen by nobody, of a time',
    `acknowledged=false&since=${new Date(BEGAN + 2_000_000).toISOString()}`,
    undefined,
  ],
  ['100 for whoever is confined', 'limit=100', ['c7']],
] as const) {
  identity = { kind: 'token', name: 'bench', id: '1', role: 'viewer', ...(customers && { customers }) }
  const costs: number[] = []
  let shown = 0
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now()
    const answer = await server.inject(`/api/v1/mitigations?${query}`)
    costs.push(performance.now() - began)
    assert(answer.statusCode === 200, answer.body)
    shown = answer.json().mitigations.length
  }
  costs.sort((a, b) => a - b)
  rows.push({ what, shown, middle: costs[ROUNDS >> 1] ?? 0, p99: costs[Math.floor(ROUNDS * 0.99)] ?? 0 })
}
printTable(
  'GET /api/v1/mitigations of 10,000 live ones, in the process',
  ['asked for', 'shown', 'ms (half are faster)', 'ms (p99)', `of ${LIMIT_MS} ms`],
  rows.map(({ what, shown, middle, p99 }) => [what, shown, middle, p99, middle / LIMIT_MS]),
)
printGates(rows.map(({ what, middle }) => atMost(`${what}:`, middle, LIMIT_MS, 'ms')))
await server.close()

function mitigation(at: number): Mitigation {
  const target = `10.${at % CUSTOMERS}.${(at >> 8) & 255}.${at & 255}`
  return {
    ...{ id: `a-${at}.0`, attackId: `a-${at}`, target, reason: 'playbook udp, step limit', ...EXAMPLE_LIFE },
    action: {
      ...{ kind: 'filter', enforcer: 'gobgp' },
      rule: `destination ${target}/32 protocol =udp then rate 625000 bytes/s`,
    },
    ...{ enforcer: 'gobgp', customer: `c${at % CUSTOMERS}`, createdAt: BEGAN + at * 1000 },
    expiresAt: BEGAN + at * 1000 + 3_600_000,
    ...(at % 10 === 0 ? { state: 'pending' } : { state: 'announced', announcedAt: BEGAN + at * 1000 + 5 }),
  }
}

/** The cursors of the first pages. */
async function pagesOf(query: string): Promise<string[]> {
  const cursors: string[] = []
  for (let page = 0; page < 5; page++) {
    const from = cursors.at(-1) === undefined ? '' : `&cursor=${cursors.at(-1)}`
    const answer = await server.inject(`/api/v1/mitigations?${query}${from}`)
    cursors.push(answer.json().nextCursor)
  }
  return cursors
}
