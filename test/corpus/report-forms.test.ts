// Every form of our report is understood by scripts that parse each line of it, and nothing else is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  exampleAttack,
  exampleFlows,
  examplePacket,
  examplePackets,
  speedsWith,
} from '#5-evidence/example.ts'
import { flowsFrom } from '#5-evidence/flow-sections.ts'
import type { TextStyle } from '#5-evidence/report-text.ts'
import type { Briefing } from '#7-mitigation/enforcer.ts'
import { CALL_ACTIONS, encodeCall } from '#8-enforcement/notify-script/encode.ts'
import { localTime } from '#8-enforcement/notify-script/local-time.ts'
import { callScript, PARSERS, refusedBy, type SeenCall } from './parsers.ts'

const HOST = '192.0.2.1'
const HOST6 = '2001:db8:10::10'

const SPEEDS = {
  incoming: speedsWith({ packets: 2500, bytes: 8e6, flows: 7 }),
  outgoing: speedsWith({ packets: 9 }),
}
const attack = (changes: Parameters<typeof exampleAttack>[0] = {}) =>
  exampleAttack({ speeds: SPEEDS, ...changes })

const MIXED = [
  examplePacket(),
  examplePacket({ protocol: 6, tcpFlags: 0x02, source: '198.51.100.9' }),
  examplePacket({ protocol: 6, tcpFlags: 0x3f }),
  examplePacket({ protocol: 6, tcpFlags: 0 }),
  examplePacket({ protocol: 1, sourcePort: 0, targetPort: 0 }),
  examplePacket({ protocol: 47, sourcePort: 0, targetPort: 0, isFragment: true }),
  examplePacket({ protocol: 41 }),
  examplePacket({ protocol: 200, sampleRatio: 1024, bytes: 65_535, ttl: 255 }),
  examplePacket({ source: HOST, target: '198.51.100.7', sourcePort: 65_535, targetPort: 0 }),
]
const MIXED6 = [
  examplePacket({ source: '2001:db8:ffff::7', target: HOST6 }),
  examplePacket({ source: HOST6, target: '::1' }),
]

const BRIEFINGS: Readonly<Record<string, Briefing>> = {
  'flows that are cropped': { attack: attack(), flows: exampleFlows(60), packets: examplePackets(50) },
  'flows of all kinds': {
    attack: attack(),
    flows: flowsFrom(MIXED, HOST, { incoming: 4, outgoing: 1 }, 21),
    packets: MIXED,
  },
  'neither flows nor packets': { attack: attack(), flows: [], packets: [] },
  'a ban by hand': {
    attack: attack({
      origin: 'manual',
      crossing: undefined,
      direction: 'other',
      type: 'unknown',
      protocol: 'unknown',
      power: 0,
    }),
    flows: [],
    packets: [],
  },
  'a host of IPv6': {
    attack: attack({ host: HOST6, family: 6, direction: 'outgoing' }),
    flows: flowsFrom(MIXED6, HOST6, { incoming: 1, outgoing: 1 }, 21),
    packets: MIXED6,
  },
}

function callsOf(briefing: Briefing): SeenCall[] {
  const styles = (['canonical', 'padded'] as const).flatMap(addressForm =>
    [0, 20].map((recordCount): TextStyle => ({ recordCount, addressForm, localTime })),
  )
  return styles.flatMap(style =>
    CALL_ACTIONS.map(action => {
      const { argv, stdin = '' } = encodeCall(action, briefing, style)
      return { argv, stdin }
    }),
  )
}

for (const [title, briefing] of Object.entries(BRIEFINGS)) {
  test(`the report with ${title} has no line that a parser does not know`, async () => {
    assert.deepEqual(await refusedBy(callsOf(briefing)), [])
  })
}

test('a line more, a word less, or a unit changed is refused by each parser', async () => {
  const [whole] = callsOf(BRIEFINGS['flows of all kinds']!)
  const changed = [
    `${whole!.stdin}Thank you.\n`,
    whole!.stdin.replace('Attack type: ', ''),
    whole!.stdin.replace('packets per second', 'pps'),
    whole!.stdin.replace(/bytes $/m, 'bytes'),
    whole!.stdin.replace('UDP flows', 'UDP flow'),
  ]

  for (const stdin of changed) {
    const results = await Promise.all(PARSERS.map(name => callScript(name, { argv: whole!.argv, stdin })))
    assert.deepEqual(
      results.map(({ code }) => code === 0),
      [false, false, false],
      stdin.slice(0, 200),
    )
  }
})
