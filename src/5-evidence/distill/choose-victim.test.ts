import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { exampleAttack, exampleFlows, examplePacket } from '../example.ts'
import { reportOf } from '../report.ts'
import { reportJson } from '../report-json.ts'
import { chooseVictim, type Wish } from './choose-victim.ts'
import type { Recording, RecordingHead } from './recording.ts'
import { recordingOfReport } from './recording-of-report.ts'
import { recordedOf } from './sample-of-record.ts'

const recordingOf = (
  ends: readonly (readonly [source: string, target: string])[],
  head: RecordingHead = {},
): Recording => ({
  form: 'capture',
  tells: 'packets',
  packets: recordedOf(
    ends.map(([source, target]) => examplePacket({ source, target })),
    { insideTunnels: false },
  ),
  head,
  notes: [],
})

const ENDS = [
  ['198.51.100.1', '192.0.2.1'],
  ['198.51.100.2', '192.0.2.1'],
  ['198.51.100.3', '192.0.2.2'],
  ['192.0.2.1', '198.51.100.1'],
] as const

function told(recording: Recording, wish: Wish = {}): string {
  const chosen = chooseVictim(recording, wish)
  if (chosen.kind === 'none') return chosen.reason
  const { direction, target, source, packets, left } = chosen
  const from = source === undefined ? '' : `${formatPrefix(source)} `
  return `${direction} ${from}to ${formatPrefix(target)}: ${packets.length}, ${left} left`
}

test('what is told counts, then the head, then whom most packets go to', () => {
  const head = { host: parseAddress('192.0.2.2')! }

  assert.equal(told(recordingOf(ENDS)), 'incoming to 192.0.2.1/32: 2, 2 left')
  assert.equal(told(recordingOf(ENDS, head)), 'incoming to 192.0.2.2/32: 1, 3 left')
  assert.equal(
    told(recordingOf(ENDS, head), { target: parsePrefix('192.0.2.0/24')! }),
    'incoming to 192.0.2.0/24: 3, 1 left',
  )
})

test('an outgoing attack is that of its host, on whom most of it goes to', () => {
  const ends = [...ENDS, ['192.0.2.1', '198.51.100.1'], ['192.0.2.1', '198.51.100.9']] as const

  assert.equal(
    told(recordingOf(ends), { direction: 'outgoing' }),
    'outgoing 192.0.2.1/32 to 198.51.100.1/32: 2, 4 left',
  )
  assert.equal(
    told(recordingOf(ends, { direction: 'outgoing', host: parseAddress('198.51.100.3')! })),
    'outgoing 198.51.100.3/32 to 192.0.2.2/32: 1, 5 left',
  )
  assert.equal(
    told(recordingOf(ends), { direction: 'outgoing', target: parsePrefix('198.51.100.9')! }),
    'outgoing 192.0.2.1/32 to 198.51.100.9/32: 1, 5 left',
  )
})

test('where nothing fits the reason is told', () => {
  const elsewhere = parsePrefix('203.0.113.0/24')!

  assert.equal(told(recordingOf([])), 'it tells of no packet and of no flow')
  assert.equal(told(recordingOf(ENDS), { target: elsewhere }), 'no packet goes to 203.0.113.0/24')
  assert.equal(
    told(recordingOf(ENDS), { target: elsewhere, direction: 'outgoing' }),
    'no packet goes to 203.0.113.0/24',
  )
  assert.equal(
    told(recordingOf(ENDS, { host: parseAddress('203.0.113.9')! }), { direction: 'outgoing' }),
    'no packet comes from 203.0.113.9',
  )
})

test('a JSON report without headers tells ports and no lengths, one of flows neither flags nor fragments', () => {
  const attack = exampleAttack()
  const packets = [examplePacket({ protocol: 6, tcpFlags: 2 })]
  const ofPackets = recordingOfReport(reportJson(reportOf({ attack, flows: [], packets })), 'untold')
  const ofFlows = recordingOfReport(
    reportJson(reportOf({ attack, flows: exampleFlows(4), packets: [] })),
    'untold',
  )

  assert.equal(ofPackets.tells, 'packets')
  assert.equal(ofPackets.packets[0]?.sample.packet.tcpFlags, 2)
  assert.ok(ofPackets.packets[0]?.sample.untold?.includes('packet-length'))
  assert.equal(ofFlows.tells, 'flows')
  assert.equal(ofFlows.packets.length, 4)
  assert.equal(ofFlows.packets[0]?.sample.weight, 4)
  assert.ok(ofFlows.packets[0]?.sample.untold?.includes('tcp-flags'))
  assert.equal(told(ofFlows), 'incoming to 192.0.2.1/32: 4, 0 left')
})
