import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { eventsSchema } from './events-config.ts'
import { nameReport } from './name-report.ts'

const { vectors } = eventsSchema.parse({
  vectors: [
    { name: 'dns_amplification', is: 'dns-amplification', protocols: ['udp'], ports: [53] },
    { name: 'carpet', text: ['carpet', 'many hosts'] },
    { name: 'ours' },
  ],
})

const named = (changes: Partial<ForeignEvent>): string => {
  const { vector, means = '' } = nameReport(
    {
      ...{ source: 'a', at: 0, action: 'ban', host: '192.0.2.1', direction: 'incoming' },
      ...{ vector: 'udp_flood', ports: [], ...changes },
    },
    vectors,
  )
  return `${vector} ${means}`.trim()
}

test('port 53 and udp is dns_amplification, and nothing else is', () => {
  assert.equal(named({ ports: [123, 53] }), 'dns_amplification dns-amplification')
  assert.equal(named({ ports: [123] }), 'udp_flood')
  assert.equal(named({ ports: [53], vector: 'syn_flood' }), 'syn_flood')
  assert.equal(named({ ports: [53], vector: 'unknown' }), 'unknown')
})

test('words in the details name it when all of them are there, in whatever case', () => {
  assert.equal(named({ details: { raw: 'CARPET over Many Hosts' } }), 'carpet unknown')
  assert.equal(named({ details: { raw: 'carpet' } }), 'udp_flood')
})

test('a name without conditions is only for who says it, and what says more than a protocol keeps its name', () => {
  assert.equal(named({ vector: 'ours' }), 'ours unknown')
  assert.equal(named({ vector: 'ntp-amplification', ports: [53] }), 'ntp-amplification')
})
