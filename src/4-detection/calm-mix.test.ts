import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  CalmMixes,
  MIX_SAMPLES_MAX,
  MIX_SAMPLES_MIN,
  type MixKeys,
  mixKeysOf,
  TARGETS_MAX,
} from './calm-mix.ts'

const TCP = 6
const UDP = 17
const HOST = 1
/** A client of a web server of ours. */
const WEB = mixKeysOf(true, TCP, 443, 51_000, 1500)

function seen(mixes: CalmMixes, host: number, samples: number): void {
  for (let at = 0; at < samples; at++) add(mixes, host, mixKeysOf(true, TCP, 443, 40_000 + at, 1500))
}

const add = (mixes: CalmMixes, host: number, { own, peer }: MixKeys) => mixes.add(host, own, peer)

test('a host has habits once enough of its calm was seen', () => {
  const mixes = new CalmMixes(1)

  seen(mixes, HOST, MIX_SAMPLES_MIN - 1)
  const before = mixes.familiar(HOST)
  seen(mixes, HOST, 1)

  assert.equal(before, undefined)
  assert.ok(mixes.familiar(HOST)?.has(WEB.own))
})

test('its own port with the same protocol, direction and length is familiar, whatever the port of the peer', () => {
  const mixes = new CalmMixes(1)
  seen(mixes, HOST, 100)
  const familiar = mixes.familiar(HOST)!
  const knows = (...packet: Parameters<typeof mixKeysOf>) => {
    const { own, peer } = mixKeysOf(...packet)
    return familiar.has(own) || familiar.has(peer)
  }

  assert.equal(knows(true, TCP, 443, 60_001, 1480), true)
  assert.equal(knows(true, UDP, 443, 60_001, 1480), false)
  assert.equal(knows(true, TCP, 80, 60_001, 1480), false)
  assert.equal(knows(true, TCP, 443, 60_001, 60), false)
  assert.equal(knows(false, TCP, 443, 60_001, 1480), false)
  // The same port of the peer is not mistaken for one of our own.
  assert.equal(knows(true, TCP, 60_001, 443, 1480), false)
})

test('a reservoir keeps its size, and what is done now finds its way into it', () => {
  const mixes = new CalmMixes(1)
  seen(mixes, HOST, 100_000)
  const dns = mixKeysOf(true, UDP, 53, 5353, 80)

  for (let at = 0; at < 5000; at++) add(mixes, HOST, dns)

  assert.equal(mixes.samplesOf(HOST), MIX_SAMPLES_MAX)
  assert.ok(mixes.familiar(HOST)?.has(dns.own))
})

test('a scan over 65,536 hosts takes no more places, and does not push out who is busy', () => {
  const mixes = new CalmMixes(1)
  seen(mixes, HOST, 1000)

  for (let host = 2; host < 65_536; host++) seen(mixes, host, 1)

  assert.equal(mixes.count, TARGETS_MAX)
  assert.equal(mixes.samplesOf(HOST), 1000)
})

test('a host that takes the place of another has none of its habits', () => {
  const mixes = new CalmMixes(1)
  for (let host = 1; host <= TARGETS_MAX; host++) seen(mixes, host, 1)

  for (let host = 1; host <= 2 * TARGETS_MAX; host++)
    add(mixes, TARGETS_MAX + host, mixKeysOf(true, UDP, 53, 5353, 80))
  const late = 3 * TARGETS_MAX
  for (let at = 0; at < MIX_SAMPLES_MIN; at++) add(mixes, late, mixKeysOf(true, UDP, 53, 5353, 80))

  assert.equal(mixes.count, TARGETS_MAX)
  assert.equal(mixes.familiar(late)?.has(WEB.own), false)
})

test('the same samples leave the same reservoir', () => {
  const told = () => {
    const mixes = new CalmMixes(7)
    seen(mixes, HOST, 9000)
    return [...mixes.familiar(HOST)!]
  }

  assert.deepEqual(told(), told())
})
