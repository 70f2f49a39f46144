import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CONTROL, LINE, lineOf, NO_ROOM, PAGE_SLOTS, PAGE_V4 } from './host-tables.ts'
import { type SlotSetup, slotSetup, wordsFor } from './slots-for-tests.ts'

const counted = ({ tables }: SlotSetup, name: keyof typeof CONTROL): number => tables.control[CONTROL[name]]!
const pageOf = (slot: number) => Math.floor(slot / PAGE_SLOTS)

/** Slots of page 0 count the hosts of a prefix that found no room. */
const isUnlisted = (slot: number): boolean => slot >= NO_ROOM && slot < PAGE_SLOTS

test('a /24 takes a page of memory with its first packet, not before', () => {
  const setup = slotSetup(['10.0.0.0/22'], 4, 0)
  assert.equal(counted(setup, 'slotsUsed'), 0)

  const first = setup.see4('10.0.0.7')
  const second = setup.see4('10.0.0.8')
  const other = setup.see4('10.0.1.7')

  assert.equal(second, first + 1)
  assert.notEqual(pageOf(other), pageOf(first))
  assert.equal(first % PAGE_SLOTS, 7)
  assert.equal(setup.tables.pageKinds[pageOf(other)], PAGE_V4 | 0x01_000a)
  assert.equal(counted(setup, 'slotsUsed'), 2 * PAGE_SLOTS)
})

test('a page without traffic for so many windows is given back, cleared, under a new generation', () => {
  const setup = slotSetup(['10.0.0.0/24'], 1, 0)
  const { tables } = setup
  const slot = setup.see4('10.0.0.7')
  setup.see4('10.0.0.8')
  tables.counters[lineOf(slot, 0) * LINE] = 99

  for (let window = 2; window <= 6; window++) setup.window(window, 5)
  const before = { used: counted(setup, 'slotsUsed'), generation: tables.generations[slot] }
  setup.window(7, 5)

  assert.deepEqual(before, { used: PAGE_SLOTS, generation: 0 })
  assert.equal(counted(setup, 'slotsUsed'), 0)
  assert.equal(counted(setup, 'hostsReleased'), 2)
  assert.equal(tables.generations[slot], 2)
  assert.equal(tables.counters[lineOf(slot, 0) * LINE], 0)
  assert.equal(setup.see4('10.0.0.7'), slot)
})

test('a page with traffic is never given back', () => {
  const setup = slotSetup(['10.0.0.0/24', '10.0.1.16/28'], 2, 0)
  const whole = setup.see4('10.0.0.7')
  const part = setup.see4('10.0.1.17')

  for (let window = 2; window < 40; window++) {
    setup.window(window, 3)
    assert.equal(setup.see4('10.0.0.7'), whole)
    assert.equal(setup.see4('10.0.1.17'), part)
  }
  assert.equal(counted(setup, 'hostsReleased'), 0)
  assert.equal(setup.tables.generations[part], 0)
})

test('the page of a /24 that is ours in part is released and taken again like any other', () => {
  const setup = slotSetup(['10.0.1.16/28', '10.0.2.0/24'], 1, 0)
  setup.see4('10.0.1.17')

  setup.window(10, 3)
  const other = setup.see4('10.0.2.1')
  setup.window(20, 3)

  assert.notEqual(other, 0)
  assert.equal(counted(setup, 'slotsUsed'), 0)
  assert.equal(setup.see4('10.0.1.17') % PAGE_SLOTS, 17)
  assert.equal(counted(setup, 'slotsUsed'), PAGE_SLOTS)
  assert.equal(setup.see4('10.0.1.32'), 0)
  assert.equal(counted(setup, 'hostsReleased'), 2)
})

test('within a quarter of the idle time every page has been looked at', () => {
  const setup = slotSetup(['10.0.0.0/16'], 64, 0)
  for (let third = 0; third < 64; third++) setup.see4(`10.0.${third}.1`)

  for (let window = 2; window <= 40 + 10 + 1; window++) setup.window(window, 40)

  assert.equal(counted(setup, 'slotsUsed'), 0)
  assert.equal(counted(setup, 'hostsReleased'), 64)
})

test('when all pages are in use a further /24 is refused and counted', () => {
  const setup = slotSetup(['10.0.0.0/16'], 2, 0)
  setup.see4('10.0.0.1')
  setup.see4('10.0.1.1')

  const refused = setup.see4('10.0.2.1')

  assert.ok(isUnlisted(refused))
  assert.equal(counted(setup, 'hostsRefused'), 1)
  assert.equal(counted(setup, 'hostsEvicted'), 0)
})

test('the page longest unseen makes room, one under traffic never does', () => {
  const setup = slotSetup(['10.0.0.0/16'], 2, 0)
  const flooded = setup.see4('10.0.0.1')
  const calm = setup.see4('10.0.1.1')
  setup.window(3)
  setup.see4('10.0.0.1')

  const fresh = setup.see4('10.0.2.9')

  assert.equal(pageOf(fresh), pageOf(calm))
  assert.equal(setup.tables.generations[calm], 2)
  assert.equal(setup.see4('10.0.0.1'), flooded)
  assert.equal(setup.tables.generations[flooded], 0)
  assert.equal(counted(setup, 'hostsEvicted'), 1)
  // The evicted one has to ask like everybody else.
  assert.ok(isUnlisted(setup.see4('10.0.1.1')))
})

test('neither family can take the pages of the other', () => {
  const setup = slotSetup(['10.0.0.0/16', '2001:db8::/32'], 2, 1)

  for (let host = 0; host < 1000; host++) setup.see6(wordsFor(`2001:db8::${host.toString(16)}`))
  const v4 = [setup.see4('10.0.0.1'), setup.see4('10.0.1.1'), setup.see4('10.0.2.1')]

  assert.equal(counted(setup, 'hostsV6'), PAGE_SLOTS)
  assert.deepEqual(
    v4.map(slot => slot >= PAGE_SLOTS),
    [true, true, false],
  )
  const reversed = slotSetup(['10.0.0.0/16', '2001:db8::/32'], 1, 2)
  for (let third = 0; third < 9; third++) reversed.see4(`10.0.${third}.1`)
  for (let host = 0; host < 600; host++) reversed.see6(wordsFor(`2001:db8::${host.toString(16)}`))
  assert.equal(counted(reversed, 'hostsV6'), 2 * PAGE_SLOTS)
})

test('an IPv6 address that is not ours gets no slot', () => {
  const setup = slotSetup(['2001:db8::/64'], 0, 1)

  assert.equal(setup.see6(wordsFor('2001:db8:0:1::1')), 0)
  assert.notEqual(setup.see6(wordsFor('2001:db8::1')), 0)
  assert.equal(counted(setup, 'hostsRefused'), 0)
})

test('an IPv6 host without traffic gives its slot back, and the next one gets it', () => {
  const setup = slotSetup(['2001:db8::/64'], 0, 1)
  const idle = wordsFor('2001:db8::1')
  const slot = setup.see6(idle)
  const busy = setup.see6(wordsFor('2001:db8::2'))

  for (let window = 2; window <= 6; window++) {
    setup.window(window, 5)
    setup.see6(wordsFor('2001:db8::2'))
  }
  assert.equal(setup.find6(idle), slot)
  setup.window(7, 5)

  assert.equal(setup.find6(idle), 0)
  assert.equal(setup.find6(wordsFor('2001:db8::2')), busy)
  assert.equal(counted(setup, 'hostsReleased'), 1)
  assert.equal(setup.tables.generations[slot], 2)
  assert.equal(setup.see6(wordsFor('2001:db8::3')), slot)
})

test('whatever comes, goes and makes room, each IPv6 host is found under its own slot', () => {
  // Few addresses and a small table, so that chains of the hash grow, are cut and close again.
  const host = fc.nat(900).map((low): [number, number, number, number] => [0xb80d_0120 | 0, 0, 0, low])
  const step = fc.oneof(
    { weight: 30, arbitrary: fc.record({ kind: fc.constant('see' as const), host }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('window' as const), by: fc.nat(4) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 200, maxLength: 1500 }), steps => {
      const setup = slotSetup(['2001:db8::/32'], 0, 1)
      const given = new Map<string, { slot: number; generation: number; words: readonly number[] }>()
      let window = 1
      for (const one of steps) {
        if (one.kind === 'window') {
          window += one.by
          setup.window(window, 6)
          continue
        }
        const slot = setup.see6(one.host)
        const generation = setup.tables.generations[slot]!
        if (!isUnlisted(slot)) given.set(String(one.host), { slot, generation, words: one.host })
      }
      let held = 0
      for (const { slot, generation, words } of given.values()) {
        const isHeld = setup.tables.generations[slot] === generation
        assert.equal(setup.find6(words), isHeld ? slot : 0)
        if (isHeld) held++
      }
      assert.equal(counted(setup, 'hostsV6'), held)
    }),
    { numRuns: 15 },
  )
})

test('a scan of 100,000 IPv6 addresses stays within the bound, and a flooded host keeps its slot', () => {
  const setup = slotSetup(['2001:db8::/32'], 0, 2)
  const flooded = wordsFor('2001:db8::bad')
  const slot = setup.see6(flooded)
  const packets = setup.tables.counters
  let state = 1
  const random = () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223
    return state ^ (state >>> 13)
  }

  const scanned = 100_000
  for (let at = 0; at < scanned; at++) {
    if (at % 1000 === 0) setup.window(2 + at / 1000, 60)
    const words: [number, number, number, number] = [0xb80d_0120 | 0, random(), random(), random()]
    setup.see6(words)
    packets[lineOf(setup.see6(flooded), 0) * LINE]!++
    assert.ok(counted(setup, 'hostsV6') <= 2 * PAGE_SLOTS)
  }

  assert.equal(setup.find6(flooded), slot)
  assert.equal(packets[lineOf(slot, 0) * LINE], scanned)
  assert.equal(setup.tables.generations[slot], 0)
  assert.equal(counted(setup, 'hostsV6'), 2 * PAGE_SLOTS)
  const { hostsEvicted, hostsRefused, hostsV6 } = CONTROL
  const [evicted, refused, held] = [hostsEvicted, hostsRefused, hostsV6].map(
    word => setup.tables.control[word]!,
  )
  assert.ok(evicted! > 0 && refused! > 0)
  assert.equal(evicted! + refused! + held!, scanned + 1)
})
