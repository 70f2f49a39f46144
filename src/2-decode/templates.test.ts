// Templates: kept apart, changed, bounded, forgotten; data that waits for them; and what survives a restart.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EXPORTER_LIMITS, ExporterState } from './exporter.ts'
import {
  Collector,
  IPV4_FIELDS,
  ipfix,
  ipv4Record,
  netflow9,
  number,
  set,
  template,
} from './flow-exports-for-tests.ts'
import { expireExporter } from './templates.ts'
import { archiveExporter, restoreExporter } from './templates-archive.ts'

const RATES = { override: 0, fallback: 1 }
const definition = set(0, [template(256, IPV4_FIELDS)])
const content = set(256, [ipv4Record(), ipv4Record()])

const limited = (limits: Partial<typeof EXPORTER_LIMITS>) =>
  new Collector(new ExporterState('192.0.2.1', RATES, { ...EXPORTER_LIMITS, ...limits }))

test('one domain does not know the templates of another, nor one protocol those of the other', () => {
  const collector = new Collector()
  collector.decode(netflow9([definition], { domain: 1 }))

  collector.decode(netflow9([content], { domain: 2 }))
  collector.decode(ipfix([content], { domain: 1 }))
  collector.decode(netflow9([content], { domain: 1 }))

  assert.equal(collector.taken.length, 2)
  assert.equal(collector.exporter.counters.unknownTemplateSets, 2)
})

test('data that comes before its template is read when the template comes, as of when it came', () => {
  const collector = new Collector()
  const arrived = collector.nowMs
  collector.decode(netflow9([content]))
  collector.nowMs += 10_000

  const records = collector.decode(netflow9([definition, content]))

  assert.deepEqual(
    records.map(({ receivedMs }) => receivedMs),
    [arrived, arrived, arrived + 10_000, arrived + 10_000],
  )
  assert.deepEqual(records[0]?.['endMs'], records[2]?.['endMs'])
})

test('data that waits too long, or beyond the bound, is dropped and counted', () => {
  const collector = limited({ heldBytes: 250 })
  const { counters } = collector.exporter
  for (let i = 0; i < 3; i++) collector.decode(netflow9([content]))
  assert.deepEqual([counters.heldSets, counters.droppedSets], [2, 1])

  collector.nowMs += EXPORTER_LIMITS.heldMs + 1
  collector.decode(netflow9([definition]))

  assert.equal(collector.taken.length, 0)
  assert.equal(counters.droppedSets, 3)
  assert.equal(collector.exporter.held.count, 0)
})

test('an identifier with another layout is a change, told once; a repetition is none', () => {
  const collector = new Collector()
  collector.decode(netflow9([definition, definition, content]))
  const other = IPV4_FIELDS.toSpliced(5, 2, [1, 4], [2, 4])

  const records = collector.decode(netflow9([set(0, [template(256, other)]), content]))

  assert.deepEqual([records[0]?.['packets'], records[0]?.['bytes']], [5000, 10])
  assert.equal(collector.exporter.counters.templatesChanged, 1)
  assert.deepEqual(collector.exporter.takeEvents(), [{ kind: 'templateChanged', domain: 7, template: 256 }])
  assert.equal(collector.exporter.templates, 1)
})

test('templates are bounded by number and by memory; idle ones make room', () => {
  for (const limits of [{ templates: 3 }, { templateBytes: 2800 }]) {
    const collector = limited(limits)
    const { exporter } = collector
    for (let id = 256; id < 300; id++) collector.decode(netflow9([set(0, [template(id, IPV4_FIELDS)])]))
    assert.ok(exporter.templates <= 3 && exporter.templates > 1, String(exporter.templates))
    assert.equal(exporter.counters.templatesRefused, 44 - exporter.templates)

    collector.nowMs += 700_000
    collector.decode(netflow9([set(0, [template(900, IPV4_FIELDS)]), set(900, [ipv4Record()])]))

    assert.equal(collector.taken.length, 1)
    assert.equal(exporter.templates, 1)
  }
})

test('templates nobody uses are forgotten, and domains with them; those in use stay', () => {
  const collector = new Collector()
  collector.decode(netflow9([definition], { domain: 1 }))
  collector.decode(netflow9([definition], { domain: 2 }))
  collector.nowMs += EXPORTER_LIMITS.templateMs
  collector.decode(netflow9([content], { domain: 2 }))

  collector.nowMs += 1000
  expireExporter(collector.exporter, collector.nowMs)

  assert.deepEqual(
    [...collector.exporter.domains.values()].map(({ id }) => id),
    [2],
  )
  assert.equal(collector.exporter.counters.templatesExpired, 1)
})

test('domains are bounded', () => {
  const collector = limited({ domains: 2 })

  for (let domain = 0; domain < 5; domain++) collector.decode(netflow9([definition, content], { domain }))

  assert.equal(collector.taken.length, 4)
  assert.equal(collector.exporter.counters.refusedDomains, 3)
})

test('what an exporter taught survives as plain text', () => {
  const before = new Collector()
  before.decode(netflow9([definition]))
  before.decode(
    ipfix([
      set(2, [
        template(300, [
          [8, 4],
          [82, 65_535],
          [1, 4, 29_305],
          [34, 4],
          [2, 4],
        ]),
      ]),
    ]),
  )
  before.decode(ipfix([set(300, [[1, 2, 3, 4, 0, ...number(1, 4), ...number(640, 4), ...number(9, 4)]])]))
  const text = JSON.stringify(archiveExporter(before.exporter))
  const after = new Collector()

  assert.equal(restoreExporter(after.exporter, JSON.parse(text), after.nowMs), 2)

  const [record] = after.decode(netflow9([content]))
  assert.deepEqual([record?.['bytes'], record?.['rate']], [5000, 640])
  assert.equal(JSON.stringify(archiveExporter(after.exporter)), text)
})

test('an archive that is none, too old, or forged teaches nothing', () => {
  const { exporter, nowMs } = new Collector()
  const entry = { version: 9, domain: 1, set: 0, usedMs: nowMs, definition: '0100000100080004' }
  const restored = (changes: object) =>
    restoreExporter(exporter, { templates: [{ ...entry, ...changes }], rates: [] }, nowMs)

  assert.equal(restoreExporter(exporter, null, nowMs), undefined)
  assert.equal(restored({ definition: 'xy' }), undefined)
  assert.equal(restored({ usedMs: nowMs - EXPORTER_LIMITS.templateMs - 1 }), 0)
  assert.equal(restored({ definition: '0100ffff00080004' }), 0)
  assert.equal(restored({ definition: '01' }), 0)
  assert.equal(restored({ definition: '0001000100080004' }), 0)
  assert.equal(exporter.templates, 0)
  assert.equal(restored({}), 1)
})
