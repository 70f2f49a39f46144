import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAddress } from '#lib/ip/address.ts'
import { PAGE_SLOTS } from './host-tables.ts'
import { Hosts } from './hosts.ts'
import { type SlotSetup, slotSetup, wordsFor } from './slots-for-tests.ts'

const V6 = ['2001:db8::/64']
const A = wordsFor('2001:db8::a')
const B = wordsFor('2001:db8::b')
const C = wordsFor('2001:db8::c')

/** Hosts over these workers, and what they told. */
function listen(...setups: SlotSetup[]) {
  const told: string[] = []
  const entered: string[] = []
  const hosts = new Hosts(
    setups.map(({ tables }) => tables),
    {
      attached: (host, address) => told.push(`+${host} ${formatAddress(address)}`),
      detached: host => told.push(`-${host}`),
    },
    (worker, slot) => entered.push(`${worker}/${slot % PAGE_SLOTS}`),
  )
  return { hosts, told, entered }
}

test("with one worker a host's number is its slot, and its address is read from there", () => {
  const setup = slotSetup(['10.0.0.0/24', ...V6], 1, 1)
  const { hosts, told } = listen(setup)
  const v4 = setup.see4('10.0.0.77')
  const v6 = setup.see6(A)

  assert.deepEqual([hosts.hostAt(0, v4), hosts.hostAt(0, v6), hosts.hostAt(0, v4)], [v4, v6, v4])

  assert.deepEqual(told, [`+${v4} 10.0.0.77`, `+${v6} 2001:db8::a`])
  assert.equal(formatAddress(hosts.address(v4)), '10.0.0.77')
  assert.equal(formatAddress(hosts.address(v6)), '2001:db8::a')
  assert.equal(hosts.count, 2)
  assert.equal(hosts.bound, Math.max(v4, v6) + 1)
  assert.equal(hosts.slotIn(0, v4), v4)
  assert.equal(hosts.isAttached(v4 + 1), false)
})

test('a host that several workers count has one number, and leaves when the last of them lets go', () => {
  const one = slotSetup(V6, 0, 1)
  const two = slotSetup(V6, 0, 1)
  const { hosts, told, entered } = listen(one, two)
  two.see6(B)
  const [slot1, slot2] = [one.see6(A), two.see6(A)]

  const number = hosts.hostAt(0, slot1)
  assert.equal(hosts.hostAt(1, slot2), number)
  assert.notEqual(slot1, slot2)
  assert.deepEqual(entered, ['0/0', '1/1'])

  one.window(10, 3)
  hosts.prune()
  assert.deepEqual(told, [`+${number} 2001:db8::a`])
  assert.equal(hosts.slotIn(0, number), 0)
  assert.equal(hosts.slotIn(1, number), slot2)

  two.window(10, 3)
  hosts.prune()
  assert.deepEqual(told, [`+${number} 2001:db8::a`, `-${number}`])
  assert.equal(hosts.count, 0)
})

test('a number that is free again goes to the next host', () => {
  const setups = [slotSetup(V6, 0, 1), slotSetup(V6, 0, 1)]
  const [one] = setups as [SlotSetup, SlotSetup]
  const { hosts, told } = listen(...setups)
  const number = hosts.hostAt(0, one.see6(A))
  one.window(10, 3)
  hosts.prune()

  const next = hosts.hostAt(0, one.see6(B))

  assert.equal(next, number)
  assert.deepEqual(told, [`+${number} 2001:db8::a`, `-${number}`, `+${number} 2001:db8::b`])
  assert.equal(formatAddress(hosts.address(next)), '2001:db8::b')
})

test('a slot that passed to another host is not read for the one before, even before anybody lets go of it', () => {
  const setup = slotSetup(V6, 0, 1)
  const { hosts, told } = listen(setup)
  const slot = setup.see6(A)
  const number = hosts.hostAt(0, slot)

  setup.window(10, 3)
  assert.equal(setup.see6(B), slot)

  assert.equal(hosts.slotIn(0, number), 0)
  assert.equal(hosts.hostAt(0, slot), number)
  assert.deepEqual(told, [`+${slot} 2001:db8::a`, `-${slot}`, `+${slot} 2001:db8::b`])
})

test('a host that comes back in another slot stays, when its old slot passes to somebody else', () => {
  const setups = [slotSetup(V6, 0, 1), slotSetup(V6, 0, 1)]
  const [one] = setups as [SlotSetup, SlotSetup]
  const { hosts, told } = listen(...setups)
  const oldSlot = one.see6(A)
  const number = hosts.hostAt(0, oldSlot)

  // Nobody prunes in between: B takes the slot A had, and A comes back in a new one.
  one.window(10, 3)
  assert.equal(one.see6(B), oldSlot)
  const newSlot = one.see6(A)
  assert.equal(hosts.hostAt(0, newSlot), number)
  const other = hosts.hostAt(0, oldSlot)
  hosts.prune()

  assert.notEqual(other, number)
  assert.equal(hosts.slotIn(0, number), newSlot)
  assert.equal(hosts.slotIn(0, other), oldSlot)
  assert.deepEqual(told, [`+${number} 2001:db8::a`, `+${other} 2001:db8::b`])
  assert.equal(hosts.hostAt(0, one.see6(C)), 3)
})

test('a slot without a host, or one that is changing hands, has no number', () => {
  const setup = slotSetup(['10.0.0.0/24'], 1, 0)
  const { hosts, told } = listen(setup)
  const slot = setup.see4('10.0.0.1')

  setup.tables.generations[slot] = 1
  assert.equal(hosts.hostAt(0, slot), 0)
  setup.tables.generations[slot] = 2
  assert.equal(hosts.hostAt(0, slot), slot)

  setup.window(10, 3)
  assert.equal(hosts.hostAt(0, slot), 0)
  assert.deepEqual(told, [`+${slot} 10.0.0.1`, `-${slot}`])
})
