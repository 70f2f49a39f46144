// What tshark, which shares no code with us, reads in an UPDATE that carries our bytes.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseRule } from '#lib/flowspec/parse.ts'
import { problemsForGobgpd } from '#lib/flowspec/validate.ts'
import { mustRun } from '../../lab/command.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { updateOf, writeUpdatePcap } from './flowspec-update.ts'

interface Reading {
  readonly text: string
  /** Lines of tshark, in their order. */
  readonly lines: readonly string[]
}

/** No offsets and no bits of more than one test: there tshark 4.0 reads other bytes than the RFCs say. */
const READINGS: readonly Reading[] = [
  {
    text: 'destination 192.0.2.1/32 source 198.51.100.0/24 protocol =udp,=tcp destination-port >=80&<=443 source-port =53 packet-length >1000 then rate 1000000 bytes/s as 65000, redirect 65000:100, action sample+terminal',
    lines: [
      'Filter: Destination prefix filter (192.0.2.1/32)',
      'Filter: Source prefix filter (198.51.100.0/24)',
      'Filter: Protocol / Next Header filter (=17 || =6)',
      'Filter: Destination port filter (>=80 && <=443)',
      'Filter: Source port filter (=53)',
      'Filter: Packet Length filter (>1000)',
      'Flow spec traffic-rate: ASN 65000, 8.000 Mbps',
      'Flow spec redirect AS 2 bytes: RT 65000:100',
      'Flow spec traffic-action: Sample: Yes, Terminal: Yes',
    ],
  },
  {
    text: 'destination 192.0.2.0/25 tcp-flags =syn dscp =46 fragment is-fragment then mark 10, discard',
    lines: [
      'Filter: Destination prefix filter (192.0.2.0/25)',
      'TCP flags: 0x02, Syn',
      'Filter: DSCP marking filter (=Expedited Forwarding)',
      'Filter: IP fragment filter ( IsF)',
      'Flow spec traffic-remarking: Assured Forwarding 11',
      'Flow spec traffic-rate: ASN 0, 0.000 Mbps',
    ],
  },
  {
    text: 'destination 2001:db8::/32 source 2001:db8:1::/48 protocol =tcp port =53,>=1024&<2048 then redirect 65536:100',
    lines: [
      'Filter: Destination prefix filter (2001:db8::/32)',
      'Filter: Source prefix filter (2001:db8:1::/48)',
      'Filter: Protocol / Next Header filter (=6)',
      'Filter: Port filter (=53 || >=1024 && <2048)',
      'Flow spec redirect AS-4byte format',
      '4-Octet AS: 65536',
      '2-Octet AN: 100',
    ],
  },
]

for (const { text, lines } of READINGS) {
  test(`tshark reads: ${text}`, async t => {
    if (!(await mayRunPrograms(t, ['tshark']))) return
    const parsed = parseRule(text)
    assert.ok(parsed.kind === 'parsed')
    const path = join(temporaryFolder(t), 'update.pcap')
    writeUpdatePcap(path, updateOf(parsed.value))

    const reading = await mustRun(['tshark', '-r', path, '-O', 'bgp'])

    assert.deepEqual(problemsForGobgpd(parsed.value, { allowOffsets: false }), [])
    assert.doesNotMatch(reading, /Malformed|Unknown filter/)
    let from = 0
    for (const line of lines) {
      const at = reading.indexOf(line, from)
      assert.ok(at >= 0, `"${line}" is missing in\n${reading}`)
      from = at
    }
  })
}
