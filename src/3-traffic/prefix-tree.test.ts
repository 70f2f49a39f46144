import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseAddress } from '#lib/ip/address.ts'
import { contains, formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixTree, RUNGS, type Rung } from './prefix-tree.ts'

const address = (text: string) => parseAddress(text)!

/** A rung and those that hold it, longest first. */
function chain(rung: Rung | undefined): string[] {
  const texts: string[] = []
  for (let at = rung; at !== undefined; at = at.parent) texts.push(formatPrefix(at.prefix))
  return texts
}

test('a host joins the longest rung, and a rung the next shorter one', () => {
  const tree = new PrefixTree()

  assert.deepEqual(chain(tree.join(address('10.10.21.7'), 8)), [
    '10.10.21.0/24',
    '10.10.20.0/22',
    '10.10.16.0/20',
    '10.10.0.0/16',
  ])
  assert.deepEqual(chain(tree.join(address('2001:db8:10:abcd::1'), 32)), [
    '2001:db8:10:abcd::/64',
    '2001:db8:10:ab00::/56',
    '2001:db8:10::/48',
  ])
})

test('no rung is wider than the network, and a network longer than all of them is a rung itself', () => {
  const tree = new PrefixTree()

  assert.deepEqual(chain(tree.join(address('10.10.21.7'), 22)), ['10.10.21.0/24', '10.10.20.0/22'])
  assert.deepEqual(chain(tree.join(address('192.0.2.77'), 26)), ['192.0.2.64/26'])
  assert.deepEqual(chain(tree.join(address('2001:db8::1'), 112)), ['2001:db8::/112'])
})

test('a rung is there as long as something is in it', () => {
  const tree = new PrefixTree()
  const first = tree.join(address('10.10.21.7'), 16)!
  const second = tree.join(address('10.10.21.8'), 16)!
  const other = tree.join(address('10.10.99.1'), 16)!

  assert.equal(first, second)
  assert.equal(tree.count, 7)
  tree.leave(first)
  assert.equal(tree.at(first.number), first)
  tree.leave(second)
  assert.equal(tree.at(first.number), undefined)
  assert.equal(tree.count, 4)
  tree.leave(other)
  assert.equal(tree.count, 0)
})

test('a prefix between the rungs is held by the next shorter one', () => {
  const tree = new PrefixTree()

  assert.deepEqual(chain(tree.hold(parsePrefix('2001:db8:10::/48')!, 32)), ['2001:db8:10::/48'])
  assert.deepEqual(chain(tree.hold(parsePrefix('10.10.21.0/24')!, 18)), [
    '10.10.21.0/24',
    '10.10.20.0/22',
    '10.10.16.0/20',
  ])
})

test('where the longest rungs are all taken a host joins a shorter one, and that is counted', () => {
  const tree = new PrefixTree(16)

  // 14 of 16 may be /64; the /56 and the /48 above them take the rest.
  const joined = Array.from({ length: 20 }, (_, at) =>
    tree.join(address(`2001:db8:10:${at.toString(16)}::1`), 48),
  )

  const lengths = joined.map(rung => rung?.prefix.length)
  assert.deepEqual(
    lengths.slice(0, 14),
    Array.from({ length: 14 }, () => 64),
  )
  assert.deepEqual(
    lengths.slice(14),
    Array.from({ length: 6 }, () => 56),
  )
  assert.equal(tree.refused, 6)
  assert.equal(tree.count, 16)
})

test('however hosts come and go, rungs hold their members and nothing stays behind', () => {
  const host = fc.record({ third: fc.nat(63), fourth: fc.nat(3) })
  fc.assert(
    fc.property(
      fc.array(host, { maxLength: 80 }),
      fc.constantFrom(8, 16, 21, 24, 26),
      (hosts, networkLength) => {
        const tree = new PrefixTree(24)
        const joined = hosts.flatMap(({ third, fourth }) => {
          const at = address(`10.10.${third}.${fourth}`)
          const rung = tree.join(at, networkLength)
          return rung === undefined ? [] : [{ rung, at }]
        })
        assert.ok(tree.count <= 24)
        for (const { rung, at } of joined) {
          for (let up: Rung | undefined = rung; up !== undefined; up = up.parent) {
            assert.ok(contains(up.prefix, at))
            assert.ok(up.prefix.length === networkLength || RUNGS[4].includes(up.prefix.length))
            assert.equal(tree.at(up.number), up)
          }
        }
        for (const { rung } of joined) tree.leave(rung)
        assert.equal(tree.count, 0)
      },
    ),
  )
})
