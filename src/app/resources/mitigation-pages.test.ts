import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { DocumentShelf } from '#lib/documents.ts'
import type { PastPage } from '#store/change.ts'
import { ATTACK, bookOf, setUp } from '../desk-for-tests.ts'
import { MitigationArchive } from '../intake/mitigation-archive.ts'
import { RulePreviews } from '../rules/rule-preview.ts'
import { MitigationDesk } from './mitigation-desk.ts'
import { Reach } from './reach.ts'

const MANY = 50_000

/** One that is live, older than most of very many that are over, of which few are against the wanted host. */
function manyPast() {
  const { desk, store } = setUp()
  desk.opened(ATTACK, [])
  const [live] = store.active()
  assert.ok(live)
  const past = (at: number): Mitigation => ({
    ...{ ...live, id: `past-${at}.0`, createdAt: at, target: at % 10_000 === 5 ? live.target : '192.0.2.99' },
    ...{ state: 'withdrawn', endedAt: at },
  })
  const archive = new MitigationArchive({
    look: async (_about: string, { limit, after }: PastPage) => {
      const first = after === undefined ? MANY : after.at - 1
      return Array.from({ length: Math.min(limit, first) }, (_, at) => past(first - at))
    },
  } as ConstructorParameters<typeof MitigationArchive>[0])
  const nothing = async () => undefined
  const mitigations = new MitigationDesk({
    ...{ store, book: bookOf(ATTACK), documents: new DocumentShelf(), reach: new Reach(() => undefined) },
    intake: {
      ...{ mitigations: archive, archive: { get: nothing }, acknowledge: nothing, release() {} },
      events: {
        order: () => ({ kind: 'unavailable', reason: '' }),
        wouldOrder: () => assert.fail('nobody asks'),
        prolong: () => false,
      },
    },
    endAttack: async () => ({ kind: 'done', value: undefined }),
    rules: { live: [], longestSeconds: 3600, extend: () => assert.fail('there is none') },
    previews: new RulePreviews({ book: { open: [] }, samples: () => assert.fail('nobody asks') }),
    onDisk: nothing,
  })
  return { mitigations, live }
}

test('a filter that hardly any fit loses none of them: pages go on where the one before stopped looking', async () => {
  const { mitigations, live } = manyPast()
  const ids: string[] = []
  let pages = 0
  let cursor: string | undefined
  do {
    const wanted = { limit: 100, target: live.target, ...(cursor === undefined ? {} : { cursor }) }
    const page = await mitigations.list(wanted, { uid: 0, pid: 1 })
    ids.push(...page.mitigations.map(({ id }) => id))
    cursor = page.nextCursor
    pages++
  } while (cursor !== undefined && pages < 10)

  const past = [40_005, 30_005, 20_005, 10_005].map(at => `past-${at}.0`)
  assert.deepEqual(ids, [...past, live.id, 'past-5.0'])
  assert.equal(pages, 3)
})
