import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExporterConfig, exporterSchema } from '#1-capture/udp/config.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { ExporterList, type KnownExporter } from './exporter-list.ts'
import { DIRECTION, FlowRecord } from './flow-record.ts'

type Words = KnownExporter['words']

/** An address as the list is asked for it. */
function wordsOf(text: string): { family: number; words: Words } {
  const { family, value } = parseAddress(text)!
  const bytes = new DataView(new ArrayBuffer(16))
  const wide = family === 6 ? value : value << 96n
  bytes.setBigUint64(0, wide >> 64n)
  bytes.setBigUint64(8, wide & 0xffff_ffff_ffff_ffffn)
  return { family, words: [0, 4, 8, 12].map(at => bytes.getInt32(at, true)) as unknown as Words }
}

function listOf(exporters: readonly object[], exportersMax = 100) {
  const list = new ExporterList({
    exporters: exporters.map(exporter => exporterSchema.parse(exporter)),
    ...{ fallbackSamplingRate: 3, exportersMax },
  })
  const find = (text: string) => {
    const { family, words } = wordsOf(text)
    return list.find(family, ...words)
  }
  const hear = (text: string, now = 0) => {
    const { words } = wordsOf(text)
    const known = find(text) ?? list.admit(parseAddress(text)!, words, 0, now)
    if (known !== undefined) known.heardAt = now
    return known
  }
  const change = (next: readonly object[], more: object = {}) =>
    list.change({
      exporters: next.map(exporter => exporterSchema.parse(exporter)),
      ...{ fallbackSamplingRate: 3, exportersMax, ...more },
    })
  return { list, find, hear, change }
}

test('without rules everybody is heard, and found again', () => {
  const { list, find, hear } = listOf([])
  const texts = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2', '::', '0.0.0.0']

  const heard = texts.map(text => hear(text))

  assert.equal(new Set(heard).size, texts.length)
  assert.deepEqual(
    texts.map(text => find(text)),
    heard,
  )
  assert.equal(find('192.0.2.3'), undefined)
  assert.equal(list.count, texts.length)
  assert.equal(heard[0]?.state.rates.fallback, 3)
})

test('addresses with the same hash are told apart', () => {
  const { list } = listOf([])
  const address = parseAddress('2001:db8::1')!
  // Words of one hash: the second cancels the first.
  const twins: Words[] = [
    [0, 0, 0, 0],
    [Math.imul(1, 0x9e37_79b1), 1, 0, 0],
    [Math.imul(2, 0x9e37_79b1), 2, 0, 0],
  ]

  const heard = twins.map(words => list.admit(address, words, 0, 0))

  assert.deepEqual(
    twins.map(words => list.find(6, ...words)),
    heard,
  )
  assert.equal([...list.all()].length, 3)
})

test('with rules all others are refused and counted, and the longest prefix says how', () => {
  const { list, hear } = listOf([
    { prefix: '192.0.2.0/24', name: 'lab', fallbackSamplingRate: 10 },
    { prefix: '192.0.2.7', name: 'edge', samplingRate: 1000 },
  ])

  const [lab, edge] = [hear('192.0.2.8'), hear('192.0.2.7')]
  const strangers = ['198.51.100.1', '198.51.100.1', '2001:db8::1'].map(text => hear(text))

  assert.deepEqual([lab?.rule?.name, lab?.state.rates.fallback, lab?.state.rates.override], ['lab', 10, 0])
  assert.deepEqual([edge?.rule?.name, edge?.state.rates.override], ['edge', 1000])
  assert.deepEqual(strangers, [undefined, undefined, undefined])
  assert.equal(list.refusedDatagrams, 3)
  assert.deepEqual(
    [...list.refused],
    [
      ['198.51.100.1', 2],
      ['2001:db8::1', 1],
    ],
  )
})

test('of very many that are refused only the first are remembered by name', () => {
  const { list, hear } = listOf([{ prefix: '192.0.2.1' }])

  for (let at = 0; at < 1000; at++) hear(`10.0.${at >> 8}.${at & 255}`)

  assert.equal(list.refusedDatagrams, 1000)
  assert.equal(list.refused.size, 64)
})

test('at the bound one that was silent makes room, else the new one is refused', () => {
  const { list, find, hear } = listOf([], 2)
  hear('192.0.2.1', 0)
  hear('192.0.2.2', 0)

  const early = hear('192.0.2.3', 1000)
  hear('192.0.2.2', 500_000)
  const late = hear('192.0.2.3', 700_000)

  assert.equal(early, undefined)
  assert.equal(list.overflowDatagrams, 1)
  assert.ok(late)
  assert.equal(find('192.0.2.1'), undefined)
  assert.ok(find('192.0.2.2'))
  assert.equal(list.count, 2)
})

test('by another list those who stay keep what they taught, by their new rules', () => {
  const { list, find, hear, change } = listOf([
    { prefix: '192.0.2.0/24', name: 'lab' },
    { prefix: '2001:db8::/32', samplingRate: 5 },
  ])
  const [one, two] = [hear('192.0.2.1')!, hear('2001:db8::1')!]
  const domain = one.state.domain(9, 7, 0)!
  one.state.learnRate(domain, -1, 64)
  one.state.counters.records = 9

  change(
    [{ prefix: '192.0.2.1', name: 'edge', countOnly: 'ingress', interfaces: [3] }, { prefix: '2001:db8::1' }],
    { fallbackSamplingRate: 8 },
  )

  assert.deepEqual([find('192.0.2.1'), find('2001:db8::1')], [one, two])
  assert.deepEqual([one.rule?.name, one.state.counters.records, domain.rates.rateOf(-1)], ['edge', 9, 64])
  assert.deepEqual([two.state.rates.override, two.state.rates.fallback], [0, 8])
  assert.equal(one.counts(recordOf(DIRECTION.egress, 3, 3)), false)
  assert.equal(one.counts(recordOf(DIRECTION.unknown, 4, 3)), false)
  assert.equal(one.counts(recordOf(DIRECTION.unknown, 3, 4)), true)
  change([{ prefix: '192.0.2.1', samplingRate: 7 }, { prefix: '2001:db8::1' }])
  assert.equal(domain.rates.rateOf(-1), 7)
  assert.equal(one.counts(recordOf(DIRECTION.egress, 4, 4)), true)
  assert.equal(list.count, 2)
})

test('who is no longer listed leaves and is refused; who was refused is no longer named', () => {
  const { list, find, hear, change } = listOf([{ prefix: '192.0.2.1' }])
  const before = hear('192.0.2.1')
  hear('192.0.2.2')

  change([{ prefix: '192.0.2.2' }])

  assert.deepEqual([find('192.0.2.1'), list.count, [...list.refused]], [undefined, 0, []])
  assert.deepEqual([list.refusedDatagrams, list.refusedByList], [1, 0])
  assert.ok(hear('192.0.2.2'))
  assert.equal(hear('192.0.2.1'), undefined)
  assert.deepEqual([list.refusedDatagrams, list.refusedByList], [2, 1])
  change([])
  const again = hear('192.0.2.1')
  assert.ok(again !== undefined && again !== before)
})

const recordOf = (direction: number, input = 0, output = 0): FlowRecord =>
  Object.assign(new FlowRecord(), { direction, inputInterface: input, outputInterface: output })

function countsOf(rule: Partial<ExporterConfig>, ...records: FlowRecord[]): boolean[] {
  const known = listOf([{ prefix: '192.0.2.1', ...rule }]).hear('192.0.2.1')
  return records.map(record => known?.counts(record) ?? false)
}

test('only one way of passing an interface is counted when that is wanted', () => {
  const records = [recordOf(DIRECTION.ingress), recordOf(DIRECTION.egress), recordOf(DIRECTION.unknown)]

  assert.deepEqual(countsOf({ countOnly: 'both' }, ...records), [true, true, true])
  assert.deepEqual(countsOf({ countOnly: 'ingress' }, ...records), [true, false, true])
  assert.deepEqual(countsOf({ countOnly: 'egress' }, ...records), [false, true, true])
})

test('only chosen interfaces are counted: where packets come in, go out, or both', () => {
  const records = [
    recordOf(DIRECTION.unknown, 3, 9),
    recordOf(DIRECTION.unknown, 9, 3),
    recordOf(DIRECTION.unknown, 9, 8),
  ]

  assert.deepEqual(countsOf({ interfaces: [3] }, ...records), [true, true, false])
  assert.deepEqual(countsOf({ interfaces: [3], countOnly: 'ingress' }, ...records), [true, false, false])
  assert.deepEqual(countsOf({ interfaces: [3], countOnly: 'egress' }, ...records), [false, true, false])
})
