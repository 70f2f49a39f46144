import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord, FlowSection } from '#5-evidence/evidence.ts'
import { exampleAttack } from '#5-evidence/example.ts'
import { floodFactsOf } from './flood-facts.ts'

const INCOMING = exampleAttack()
const OUTGOING = exampleAttack({ direction: 'outgoing' })

const flow = (changes: Partial<FlowRecord>): FlowRecord => ({
  ...{ protocol: 'udp', direction: 'incoming', host: '192.0.2.1', hostPort: 80, remote: '198.51.100.7' },
  ...{ remotePort: 123, bytes: 1000, packets: 1, ...changes },
})
const section = (direction: 'incoming' | 'outgoing', ...flows: FlowRecord[]): FlowSection => ({
  ...{ direction, protocol: 'udp', count: flows.length, flows },
})
const many = (count: number, changes: (at: number) => Partial<FlowRecord>) =>
  Array.from({ length: count }, (_, at) => flow(changes(at)))

test('the ports that get nearly all of a flood are named, lowest first', () => {
  const sections = [
    section('incoming', flow({ hostPort: 443, packets: 60 }), flow({ hostPort: 80, packets: 38 })),
    section('incoming', flow({ hostPort: 22, packets: 2 })),
    section('outgoing', flow({ hostPort: 5000, packets: 500 })),
  ]

  assert.deepEqual(floodFactsOf(INCOMING, sections), { floodPorts: [80, 443] })
})

test('a flood to ports at random goes to none in particular, nor does one of few packets', () => {
  const random = section('incoming', ...many(200, at => ({ hostPort: 1000 + at })))

  assert.deepEqual(floodFactsOf(INCOMING, [random]), {})
  assert.deepEqual(floodFactsOf(INCOMING, [section('incoming', flow({ packets: 19 }))]), {})
  assert.deepEqual(floodFactsOf(INCOMING, []), {})
})

test('whom a host of ours attacks is named as a prefix of one address', () => {
  const sections = [
    section(
      'outgoing',
      flow({ remote: '203.0.113.9', packets: 90 }),
      flow({ remote: '198.51.100.1', packets: 4 }),
    ),
    section('incoming', flow({ packets: 900 })),
  ]

  assert.deepEqual(floodFactsOf(OUTGOING, sections), { remoteTargets: ['203.0.113.9/32'] })
})

test('a host of ours that attacks everybody attacks nobody in particular', () => {
  const scan = section('outgoing', ...many(250, at => ({ remote: `203.0.113.${at}` })))

  assert.deepEqual(floodFactsOf(OUTGOING, [scan]), {})
})
