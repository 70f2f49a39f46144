// Each class of defect that was published against the decoders of FastNetMon in 2026, as input of ours.
// GHSA-852r-3wcv-pjx2 (sFlow) stands in sflow/hostile.test.ts, GHSA-c27c-943r-vr8h in lib/pcap; GHSA-phrw-2q76-5m7h is a race
// between threads over a screen, of which one thread here has its own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  Collector,
  type FieldBytes,
  netflow9,
  number,
  optionsTemplate9,
  set,
  template,
} from './flow-exports-for-tests.ts'
import { decodeBytes, WITHOUT_LINK } from './frame/decode-for-tests.ts'
import { fragment6, ipv6, udp } from './frame/frames-for-tests.ts'
import { OUTCOME } from './sample.ts'

const ADDRESSES: readonly FieldBytes[] = [
  [8, 4],
  [12, 4],
]
const SOURCE = [198, 18, 0, 7]
const TARGET = [10, 99, 1, 250]

test('a fragment header of IPv6 that is not all there says what is there and no port (GHSA-jmjw-392h-4g93)', () => {
  const whole = ipv6({ next: 44, payload: fragment6(17, 0, true, udp(1900, 80)) })
  for (let there = 0; there < 8; there++) {
    const cut = whole.slice(0, 40 + there)
    const [zeros, ones] = [0x00, 0xff].map(poison => decodeBytes(cut, { link: WITHOUT_LINK, poison }))

    assert.deepEqual(zeros, ones, `${there} bytes of it`)
    assert.equal(zeros?.outcome, OUTCOME.decoded)
    const { isCut, sourcePort, targetPort, isFragment } = zeros!.fields
    // Its offset is in the first four bytes.
    assert.deepEqual([isCut, sourcePort, targetPort, isFragment], [1, 0, 0, there < 4 ? 0 : 1])
  }
})

test('an interface name as long as a template likes is read no further than its record (GHSA-ff5f-p5jw-8fq2)', () => {
  for (const [bytes, isRefused] of [
    [600, false],
    [65_535, true],
  ] as const) {
    const collector = new Collector()
    const options = optionsTemplate9(260, [[2, 4]], [[82, bytes]])

    const name = set(260, [[...number(1, 4), ...Array<number>(40).fill(0x65)]])
    collector.decode(netflow9([set(1, [options]), name]))
    const [record] = collector.decode(
      netflow9([
        set(0, [template(300, [...ADDRESSES, [2, 4]])]),
        set(300, [[...SOURCE, ...TARGET, ...number(9, 4)]]),
      ]),
    )

    const { malformed, templatesRefused } = collector.exporter.counters
    assert.ok(malformed + templatesRefused > 0 || !isRefused, `${bytes} bytes`)
    assert.equal(record?.['packets'], 9, 'what comes after it is read as before')
  }
})

test('a template that takes the place of another between two sets reads its own set alone (GHSA-ph88-95vc-x6gv)', () => {
  const collector = new Collector()
  const narrow = template(300, [...ADDRESSES, [2, 1]])
  const wide = template(300, [...ADDRESSES, [2, 4], [1, 4]])

  const records = collector.decode(
    netflow9([
      ...[set(0, [narrow]), set(300, [[...SOURCE, ...TARGET, 5]], 3)],
      ...[set(0, [wide]), set(300, [[...SOURCE, ...TARGET, ...number(6, 4), ...number(600, 4)]])],
      ...[set(0, [narrow]), set(300, [[...SOURCE, ...TARGET, 7]], 3)],
    ]),
  )

  assert.deepEqual(
    records.map(record => [record['packets'], record['bytes']]),
    [
      [5, 0],
      [6, 600],
      [7, 0],
    ],
  )
  assert.equal(collector.exporter.counters.malformed, 0)
})

test('options templates of v9 whose lengths lie are refused, and leave none behind (CVE-2026-48682 to 48691)', () => {
  const lies: readonly (readonly number[])[] = [
    // Scopes longer than the set, options longer than the set, both of half a field, and none at all.
    [...number(260, 2), ...number(65_532, 2), ...number(4, 2), 0, 1, 0, 4, 0, 34, 0, 4],
    [...number(260, 2), ...number(4, 2), ...number(65_532, 2), 0, 1, 0, 4, 0, 34, 0, 4],
    [...number(260, 2), ...number(3, 2), ...number(5, 2), 0, 1, 0, 4, 0, 34, 0, 4],
    [...number(260, 2), ...number(4, 2), ...number(4, 2), 0, 1, 0, 0, 0, 34, 0, 0],
  ]
  for (const lie of lies) {
    const collector = new Collector()

    collector.decode(netflow9([set(1, [lie]), set(260, [number(1, 8)])]))

    const { malformed, templatesRefused } = collector.exporter.counters
    assert.ok(malformed + templatesRefused > 0, String(lie))
    assert.equal(collector.exporter.templates, 0, String(lie))
    assert.equal(collector.taken.length, 0)
  }
})
