import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { AttackRecord, PageWanted, RecordFilter } from '#7-mitigation/attack-record.ts'
import { DocumentShelf } from '#lib/documents.ts'
import type { PastAttack } from '#store/change.ts'
import { temporaryFolder } from '../../../test/temporary-folder.ts'
import { ATTACK, bookOf } from '../desk-for-tests.ts'
import { acknowledge } from './acknowledgements.ts'
import { AttackArchive } from './attack-archive.ts'
import { runIntake } from './intake-for-tests.ts'
import { MitigationArchive } from './mitigation-archive.ts'

const report = (host: string): ForeignEvent => ({
  ...{ source: 'detector', externalId: host, at: 0, action: 'ban', host, direction: 'incoming' },
  ...{ vector: 'udp_flood', ports: [], confidence: 0.5 },
})

type Run = Awaited<ReturnType<typeof runIntake>>

/** Attacks on .1 to .`count`, ten a second, those of an odd number over again. */
async function attack(
  run: Run,
  count: number,
  pause = async () => {
    run.clock.now += 100
  },
): Promise<void> {
  for (let number = 1; number <= count; number++) {
    const outcome = await run.events.receive(report(`203.0.113.${number}`))
    await run.desk.settled()
    if (number % 2 === 1 && outcome.kind === 'accepted') run.events.end(outcome.attackId, 'uid:0', 'operator')
    await pause()
  }
  await run.desk.settled()
}

const hosts = async ({ archive }: Run, filter: RecordFilter, wanted: Partial<PageWanted> = {}) => {
  const { items, next } = await archive.list(filter, { limit: 100, ...wanted })
  return { hosts: items.map(({ attack }) => Number(attack.host.split('.')[3])), next }
}

test('open attacks and those that are over are one list, newest first, page by page, with what was done', async t => {
  const run = await runIntake(t, { directory: temporaryFolder(t) })
  await attack(run, 7)

  const first = await hosts(run, {}, { limit: 3 })
  const second = await hosts(run, {}, { limit: 3, cursor: first.next! })
  const third = await hosts(run, {}, { limit: 3, cursor: second.next! })

  assert.deepEqual([first.hosts, second.hosts, third.hosts], [[7, 6, 5], [4, 3, 2], [1]])
  assert.equal(third.next, undefined)
  assert.deepEqual((await hosts(run, {}, { limit: 3, offset: 4 })).hosts, [3, 2, 1])
  const { items } = await run.archive.list({}, { limit: 2 })
  assert.deepEqual(
    items.map(({ attack, mitigations, customer }) => [
      ...[attack.state, mitigations.map(({ state }) => state), customer],
    ]),
    [
      ['ended', ['withdrawn'], 'c1'],
      ['open', ['announced'], 'c1'],
    ],
  )
})

test('what memory has forgotten after a restart is in the list as it was', async t => {
  const directory = temporaryFolder(t)
  // Open attacks come back with the age they have by the uptime of the machine: the clock has to go as that does.
  const clock = {
    get now() {
      return Date.now()
    },
  }
  const before = await runIntake(t, { directory, clock })
  await attack(before, 5, () => sleep(100))
  const whole = await before.archive.list({}, { limit: 10 })
  await before.close()

  const run = await runIntake(t, { directory, clock })
  const again = await run.archive.list({}, { limit: 10 })

  const facts = ({ items }: typeof whole) =>
    items.map(({ attack: { id, host, state }, mitigations }) => [
      ...[id, host, state],
      ...mitigations.map(({ id, state }) => `${id} ${state}`),
    ])
  assert.deepEqual(facts(again), facts(whole))
  assert.deepEqual((await run.archive.list({ hasMitigations: false }, { limit: 10 })).items, [])
  const [over] = whole.items
  assert.deepEqual(await run.archive.get(over!.attack.id), again.items[0])
  assert.equal(await run.archive.get('none-1'), undefined)
})

test('a list is narrowed by state, host, customer, time, what was done and who saw it', async t => {
  const run = await runIntake(t, { directory: temporaryFolder(t) })
  const begun = run.clock.now
  await attack(run, 4)
  const [newest] = (await run.archive.list({}, { limit: 1 })).items
  await acknowledge(run.documents, newest!.attack.id, 'alice', 5)

  const of = async (filter: RecordFilter) => (await hosts(run, filter)).hosts
  assert.deepEqual(await of({ states: ['open'] }), [4, 2])
  assert.deepEqual(await of({ states: ['ended'] }), [3, 1])
  assert.deepEqual(await of({ host: '203.0.113.3' }), [3])
  assert.deepEqual(await of({ customers: ['c2'] }), [])
  assert.deepEqual(await of({ customers: ['c1', 'c2'] }), [4, 3, 2, 1])
  assert.deepEqual(await of({ since: begun + 100, until: begun + 300 }), [3, 2])
  assert.deepEqual(await of({ acknowledged: true }), [4])
  assert.deepEqual(await of({ acknowledged: false }), [3, 2, 1])
  assert.deepEqual(await of({ hasMitigations: false }), [])
  assert.deepEqual(await of({ fits: ({ attack }) => attack.host.endsWith('.2') }), [2])
  assert.deepEqual((await run.archive.get(newest!.attack.id))?.acknowledged, { at: 5, by: 'alice' })
})

test('mitigations that are over are found by attack and by what is asked of them, page by page', async t => {
  const run = await runIntake(t, { directory: temporaryFolder(t) })
  await attack(run, 7)
  const archive = new MitigationArchive(run.state)

  const first = await archive.past({}, { limit: 3 })
  const second = await archive.past({}, { limit: 3, cursor: first.next! })
  const [newest] = first.items

  const hostsOf = (items: readonly { readonly target: string }[]) =>
    items.map(({ target }) => target.split('.')[3])
  assert.deepEqual([hostsOf(first.items), hostsOf(second.items)], [['7', '5', '3'], ['1']])
  assert.equal(second.next, undefined)
  assert.deepEqual((await archive.past({ attackIds: [newest!.attackId] }, { limit: 9 })).items, [newest])
  const ofFive = await archive.past({ fits: ({ target }) => target.endsWith('.5') }, { limit: 9 })
  assert.deepEqual(hostsOf(ofFive.items), ['5'])
  assert.deepEqual(await archive.get(newest!.id), newest)
  assert.equal(await archive.get('none-1.0'), undefined)
})

test('a filter that hardly any fit loses none of them: pages go on where the one before stopped looking', async () => {
  const past = (at: number): PastAttack => ({
    ...{ id: `past-${at}`, host: ATTACK.host, openedAt: at, endedAt: at + 1 },
    report: {
      decision: '',
      facts: {
        ...ATTACK,
        id: `past-${at}`,
        openedAt: at,
        state: 'ended',
        endedAt: at + 1,
        because: 'finished',
      },
    },
  })
  const look = async (_about: string, { limit, after }: { limit: number; after?: { at: number } }) => {
    const first = after === undefined ? 25_000 : after.at - 1
    return Array.from({ length: Math.min(limit, first) }, (_, at) => past(first - at))
  }
  const archive = new AttackArchive({
    ...{ book: bookOf(ATTACK), store: { ofAttack: () => [] }, documents: new DocumentShelf() },
    ...{ state: { look } as never, inventory: () => undefined },
  })
  const found: string[] = []
  let cursor: string | undefined
  do {
    const wanted = { limit: 10, ...(cursor === undefined ? {} : { cursor }) }
    const fits = ({ attack }: AttackRecord) => attack.state === 'ended' && attack.openedAt % 10_000 === 5
    const page = await archive.list({ fits }, wanted)
    found.push(...page.items.map(({ attack }) => attack.id))
    cursor = page.next
  } while (cursor !== undefined && found.length < 10)

  assert.deepEqual(found, ['past-20005', 'past-10005', 'past-5'])
})
