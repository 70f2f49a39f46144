import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Collector } from '#2-decode/flow-exports-for-tests.ts'
import { type ExportProtocol, type ExportShape, kindOf, PROTOCOLS } from './datagrams.ts'

const TARGET = 0x0a0a_0100
const shape = (protocol: ExportProtocol): ExportShape => ({
  ...{ protocol, target: TARGET, targets: 256, samplingRate: 1000 },
  ...{ packets: 3, durationMs: 1000, seed: 1 },
})
/** As decoders have addresses: the bytes of the wire, read the other way round. */
const onWire = (address: number): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, address)
  return view.getInt32(0, true)
}

for (const protocol of PROTOCOLS)
  test(`a decoder finds in datagrams of ${protocol} what the generator was asked for`, () => {
    const kind = kindOf(shape(protocol))
    const collector = new Collector()
    if (kind.announcement !== undefined) collector.decode(kind.announcement)

    const taken = collector.decode(kind.data(250))

    assert.equal(taken.length, kind.records)
    for (const [at, record] of taken.entries()) {
      assert.equal(record['targetA'], onWire(TARGET + ((250 + at) % 256)))
      assert.equal(record['protocol'], 17)
      assert.equal(record['targetPort'], 80)
      assert.equal(record['rate'], 1000)
      assert.equal(record['packets'], protocol === 'sflow' ? 1 : 3)
      assert.equal(record['durationMs'], protocol === 'sflow' ? 0 : 1000)
    }
  })

for (const protocol of PROTOCOLS)
  test(`numbers written into datagrams of ${protocol} go on without a gap for its decoder`, () => {
    const kind = kindOf(shape(protocol))
    const collector = new Collector()
    let sequence = 100
    if (kind.announcement !== undefined)
      collector.decode(numbered(kind.announcement, kind.sequenceAt, sequence++))

    for (let i = 0; i < 4; i++) {
      collector.decode(numbered(kind.data(i * kind.records), kind.sequenceAt, sequence))
      sequence += kind.sequenceStep
    }

    const domains = [...collector.exporter.domains.values()]
    assert.equal(domains.length, 1)
    for (const { sequence: followed } of domains)
      assert.deepEqual([followed.lost, followed.late, followed.repeated, followed.restarts], [0, 0, 0, 0])
  })

function numbered(datagram: readonly number[], at: number, sequence: number): number[] {
  const bytes = Uint8Array.from(datagram)
  new DataView(bytes.buffer).setUint32(at, sequence)
  return [...bytes]
}
