// The demonstration without root: the same traffic from a generated capture.

import { mustRun } from '../command.ts'
import { FLOODWARDEN } from '../running-daemon.ts'
import { scenarioTraffic, VICTIM } from '../scenario.ts'
import { mergedTimeline } from '../timeline.ts'
import { writePcap } from '../write-pcap.ts'
import type { DemoFolder } from './demo-folder.ts'
import { show, showCall, tell } from './tell.ts'

export async function demonstrateReplay(folder: DemoFolder): Promise<void> {
  const packets = writePcap(folder.capture, mergedTimeline(PIECES, 1))
  tell(
    `A capture of ${packets.toLocaleString('en')} packets: visitors of web servers, resolvers, an office over IPv6,` +
      ` and from the third second on a UDP flood on ${VICTIM.ipv4}.`,
  )
  const argv = [FLOODWARDEN, 'replay', folder.capture, '--config', folder.config]
  const stdout = await mustRun([...argv, '--script', folder.script.path])
  tell('What Floodwarden finds in it (floodwarden replay):')
  show(stdout.split('\n\n').slice(0, 2).join('\n\n'))
  tell('How it called the script, and what the script read (zeros left out):')
  for (const call of folder.script.calls()) showCall(call)
}

const PIECES = [
  { traffic: scenarioTraffic('web', { seconds: 8 }), startSeconds: 0 },
  { traffic: scenarioTraffic('resolver', { seconds: 8 }), startSeconds: 0 },
  { traffic: scenarioTraffic('office-ipv6', { seconds: 8 }), startSeconds: 0 },
  { traffic: scenarioTraffic('udp-flood', { rate: 60_000, seconds: 4 }), startSeconds: 3 },
]
