import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { LINK, Sample } from '#2-decode/sample.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { buildFrame } from '../../lab/frame.ts'
import { caseOf, framesOf } from '../../lab/vectors/vectors.ts'
import { processorMs } from '../../test/processor-ms.ts'
import { Suspects } from './suspects.ts'

const OURS = '10.10.0.0/16'
const ANSWERED = { incoming: true, outgoing: true }

/** Hosts by number: 0 is 10.10.0.0, and so on. */
function suspectsOf({ incoming, outgoing } = ANSWERED): Suspects {
  const suspects = new Suspects({
    networks: [parsePrefix(OURS)!],
    friendsSeconds: 600,
    countsBothWays: incoming && outgoing,
    seed: 1,
    addressOf: host => ({ family: 4, value: 0x0a0a_0000n + BigInt(host) }),
  })
  suspects.beginTick(0)
  return suspects
}

function offer(suspects: Suspects, frames: readonly Uint8Array[], isWatched: boolean): void {
  const sample = new Sample()
  for (const bytes of frames) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    decodeFrame(view, 0, bytes.length, LINK.ethernet, false, sample)
    suspects.offer(sample, view, bytes.length, 1, isWatched, 0)
  }
}

/** A host of the lab's vectors, and packets towards it. */
const FLOODED = 10 * 256 + 10
const flood = (packets: number) => framesOf(caseOf('udp-flood')!.attack, { packets })

/** Segments and acknowledgments between a host of ours and a peer. */
function talk(packets: number, peer = '198.18.0.7', us = '10.10.10.10'): Uint8Array[] {
  return Array.from({ length: packets }, (_, at) => {
    const isToUs = at % 3 !== 2
    const [source, target] = isToUs ? [peer, us] : [us, peer]
    const [sourcePort, targetPort] = isToUs ? [443, 50_000] : [50_000, 443]
    return buildFrame([
      { kind: 'ethernet' },
      { kind: 'ipv4', source, target },
      { kind: 'tcp', sourcePort, targetPort, flags: ['ack'] },
      { kind: 'payload', bytes: isToUs ? 1448 : 0 },
    ])
  })
}

const featureOf = (suspects: Suspects, name: string) =>
  suspects.weigh(FLOODED)?.features.find(feature => feature.name === name)

test('packets of a suspect say how suspicious it is, and too few say nothing', () => {
  const suspects = suspectsOf()
  suspects.began(FLOODED, 0)
  offer(suspects, flood(3), true)
  const early = suspects.weigh(FLOODED)
  suspects.beginTick(0.1)
  offer(suspects, flood(300), true)

  assert.equal(early, undefined)
  assert.ok(suspects.weigh(FLOODED)!.weight > 0.9)
})

test('peers that talked with the host in calm are friends, those that come when it is suspected are not', () => {
  const suspects = suspectsOf()
  offer(suspects, talk(300), false)
  suspects.beginTick(0.05)
  suspects.began(FLOODED, 0)
  offer(suspects, talk(300, '198.18.0.8'), false)
  const strangers = featureOf(suspects, 'friends')?.value
  suspects.ended(FLOODED)
  suspects.beginTick(0.1)
  suspects.began(FLOODED, 0)
  offer(suspects, talk(300), true)

  assert.equal(strangers, 0)
  assert.equal(featureOf(suspects, 'friends')?.value, 1)
  assert.equal(featureOf(suspects, 'novelty')?.value, 0)
  assert.equal(suspects.calmSamplesOf(parseAddress('10.10.10.10')!), 300)
})

test('the first packets of a flood, that came before it was known, are none of the calm', () => {
  const suspects = suspectsOf()
  offer(suspects, flood(300), false)
  suspects.began(FLOODED, 0)
  suspects.beginTick(0.1)
  offer(suspects, flood(300), true)

  assert.equal(featureOf(suspects, 'novelty'), undefined)
  assert.equal(suspects.calmSamplesOf(parseAddress('10.10.10.10')!), 0)
})

test('packets of all count for a suspect only until its own come', () => {
  const suspects = suspectsOf()
  suspects.began(FLOODED, 0)
  offer(suspects, talk(30), false)
  offer(suspects, talk(60), true)
  offer(suspects, talk(90), false)

  assert.equal(suspects.weigh(FLOODED)?.packets, 30 * (2 / 3) + 60 * (2 / 3))
})

test('where only one direction passes, silence says nothing', () => {
  const both = suspectsOf()
  const counted = suspectsOf({ incoming: true, outgoing: false })
  const seen = suspectsOf()
  offer(seen, flood(1500), false)

  assert.deepEqual([both.seesAnswers, counted.seesAnswers, seen.seesAnswers], [true, false, false])
})

test('65,536 suspects at once do not stall a tick: who finds no place is neutral, and counted', () => {
  const suspects = suspectsOf()
  const frames = flood(9000)
  // Spread over the first 512 hosts, 16 packets for each and some more.
  for (const [at, frame] of frames.entries()) frame.set([(at >> 8) & 1, at & 255], 32)
  const began = processorMs()
  suspects.beginTick(0.1)
  for (let host = 0; host < 65_536; host++) suspects.began(host, 0)
  offer(suspects, frames, true)
  let weighed = 0
  for (let host = 0; host < 65_536; host++) if (suspects.weigh(host) !== undefined) weighed++
  const took = processorMs() - began

  assert.deepEqual(suspects.counts, { cases: 512, mixes: 0, refused: 65_536 - 512, skipped: 9000 - 8192 })
  assert.equal(weighed, 64)
  // Far above what it takes, so that a busy machine does not fail it; without bounds it takes seconds.
  assert.ok(took < 1500, `${took.toFixed(0)} ms`)
  for (let host = 0; host < 65_536; host++) suspects.ended(host)
  assert.equal(suspects.counts.cases, 0)
})

test('a place that is given back serves the next suspect, which inherits nothing', () => {
  const suspects = suspectsOf()
  suspects.began(FLOODED, 0)
  offer(suspects, flood(300), true)
  suspects.weigh(FLOODED)
  suspects.ended(FLOODED)
  suspects.beginTick(0.1)
  suspects.began(FLOODED, 0)

  assert.equal(suspects.weigh(FLOODED), undefined)
})
