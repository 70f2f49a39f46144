import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exampleAttack, examplePacket, examplePackets } from '#5-evidence/example.ts'
import { talliesOfRecords } from '#5-evidence/tallies.ts'
import { courseSchema } from '#api/contract/course.ts'
import { AttackBook } from '../attack-book.ts'
import { OF_C1, OF_C2, report, setUp } from '../resources/resources-for-tests.ts'
import { endOf } from '../state/restore-plan.ts'
import { CourseBook } from './course-book.ts'
import { Moments } from './course-moments.ts'

const BEGAN = Date.UTC(2026, 0, 1)

test('the course of an attack tells its speeds, its limits and what happened when', async t => {
  const { call, intake, desk, clock, book, courses } = await setUp(t)
  await intake.events.receive(report('203.0.113.1'))
  await desk.settled()
  const { id } = book.list('open')[0]!.attack
  clock.now += 1000
  courses.take(clock.now, { ids: [id], numbers: Float32Array.from([40_000, 3.2e8, 1200, Number.NaN]) })
  book.tallied(id, talliesOfRecords(examplePackets(30)))
  await call('POST', `/mitigations/acknowledge`, { ids: [book.list('open')[0]!.attack.id] })
  clock.now += 1000
  intake.events.end(id, 'unknown', 'operator', 'it is ours')
  await desk.settled()

  const { status, body } = await call('GET', `/attacks/${id}/course`)
  const course = courseSchema.parse(body)

  assert.equal(status, 200)
  assert.equal(course.attack.state, 'ended')
  assert.deepEqual(course.speeds?.average.packets, [40_000])
  assert.deepEqual(course.speeds?.average.bits, [320_000_000])
  assert.deepEqual(course.limits, [{ limit: 'packets', threshold: 20_000 }])
  assert.equal(course.tallies?.of.sources.distinct, 30)
  assert.equal(course.isWhole, true)
  const kinds = course.moments.map(({ kind }) => kind)
  assert.equal(kinds[0], 'opened')
  assert.ok(
    kinds.includes('decided') && kinds.includes('mitigation') && kinds.includes('ended'),
    kinds.join(),
  )
  assert.match(course.moments.find(({ kind }) => kind === 'ended')!.text, /somebody ended it: it is ours/)
  assert.ok(course.moments.every(({ at }, place, all) => place === 0 || all[place - 1]!.at <= at))
})

test('what memory has forgotten comes from the history, and only for whom it is', async t => {
  const { call, intake, desk, clock, book, courses } = await setUp(t)
  await intake.events.receive(report('203.0.113.1'))
  await desk.settled()
  const { id } = book.list('open')[0]!.attack
  courses.take(clock.now, { ids: [id], numbers: Float32Array.from([1000, 8e6, 3, Number.NaN]) })
  book.tallied(id, talliesOfRecords(examplePackets(30)))
  const bytesCaptured = Uint8Array.from({ length: 60 }, (_, at) => at)
  book.evidence(id, [examplePacket({ bytesCaptured, timeMicros: BEGAN * 1000 + 42, target: '203.0.113.1' })])
  const now = await call('GET', `/attacks/${id}/course`)
  intake.events.end(id, 'unknown', 'operator')
  await desk.settled()
  t.mock.method(book, 'get', () => undefined)
  t.mock.method(courses, 'kept', () => undefined)

  const past = await call('GET', `/attacks/${id}/course`)
  const hidden = await call('GET', `/attacks/${id}/course`, undefined, OF_C2)
  const shown = await call('GET', `/attacks/${id}/course`, undefined, OF_C1)

  assert.deepEqual(past.body.speeds.average, now.body.speeds.average)
  assert.deepEqual(past.body.tallies, now.body.tallies)
  assert.ok(past.body.moments.length > now.body.moments.length)
  assert.deepEqual([hidden.status, hidden.body.code, shown.status], [404, 'unknown-attack', 200])
  const report_ = await call('GET', `/attacks/${id}`)
  assert.equal('course' in report_.body || 'tallies' in report_.body, false)
})

test('packets are downloaded as a pcap, from memory and from the history alike', async t => {
  const { server, intake, desk, book } = await setUp(t)
  await intake.events.receive(report('203.0.113.1'))
  await desk.settled()
  const { id } = book.list('open')[0]!.attack
  const url = `/api/v1/attacks/${id}/packets.pcap`
  const none = await server.inject(url)
  const bytesCaptured = Uint8Array.from({ length: 60 }, (_, at) => at)
  book.evidence(id, [examplePacket({ bytesCaptured, bytes: 1400, timeMicros: BEGAN * 1000 + 42 })])

  const first = await server.inject(url)
  intake.events.end(id, 'unknown', 'operator')
  await desk.settled()
  t.mock.method(book, 'get', () => undefined)
  const second = await server.inject(url)
  const unknown = await server.inject('/api/v1/attacks/nobody/packets.pcap')

  assert.deepEqual([none.statusCode, none.json().code], [404, 'no-packets'])
  assert.equal(first.headers['content-type'], 'application/vnd.tcpdump.pcap')
  assert.equal(first.headers['content-disposition'], `attachment; filename="${id}.pcap"`)
  assert.equal(first.rawPayload.readUInt32LE(0), 0xa1b2c3d4)
  assert.equal(first.rawPayload.readUInt32LE(24 + 4), 42)
  assert.deepEqual(first.rawPayload.subarray(40), Buffer.from(bytesCaptured))
  assert.deepEqual(second.rawPayload, first.rawPayload)
  assert.equal(unknown.statusCode, 404)
})

function bookOfOne() {
  const book = new AttackBook()
  const attack = exampleAttack({ id: 'a', openedAt: BEGAN })
  book.opened(attack, 'decided', [])
  const clock = { now: BEGAN }
  const courses = new CourseBook({ book, limitsOf: () => [], now: () => clock.now })
  return { book, attack, courses, clock }
}

test('of an attack that was open when the program began the course is not whole', () => {
  const { courses, attack } = bookOfOne()

  courses.take(BEGAN, { ids: ['a', 'nobody'], numbers: new Float32Array(8) })
  courses.evidence(attack, [])

  assert.equal(courses.kept('a')?.isWhole, false)
  assert.deepEqual(
    courses.kept('a')?.moments.map(({ text }) => text),
    ['0 packets were collected as evidence'],
  )
  assert.equal(courses.kept('nobody'), undefined)
})

test('another name and other rules are moments, the same again are not', () => {
  const { courses, attack } = bookOfOne()
  const named = (vector: string) => ({
    ...attack,
    finding: { parts: [{ vector, share: 1, reasons: [] }], confidence: 0.9, packets: 100 },
  })

  for (const vector of ['udp-flood', 'udp-flood', 'dns-amplification']) courses.updated(named(vector))

  assert.deepEqual(
    courses.kept('a')?.moments.map(({ kind }) => kind),
    ['named', 'named'],
  )
})

test('only so many ended attacks keep a course, and only so many moments', () => {
  const { courses, book } = bookOfOne()
  for (let number = 0; number < 1005; number++) {
    const attack = exampleAttack({ id: `x${number}`, host: `192.0.2.${number}` })
    book.opened(attack, '', [])
    courses.evidence(attack, [])
    courses.ended(endOf(attack, 'finished', BEGAN))
  }
  const moments = new Moments()
  for (let at = 0; at < 250; at++) moments.add({ at, kind: 'evidence', text: String(at) })

  assert.equal(courses.kept('x4'), undefined)
  assert.ok(courses.kept('x1004'))
  assert.deepEqual([moments.all.length, moments.leftOut], [200, 50])
  assert.deepEqual(
    [moments.all[0]?.at, moments.all[99]?.at, moments.all[100]?.at, moments.all[199]?.at],
    [0, 99, 150, 249],
  )
})
