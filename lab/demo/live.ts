// The demonstration as root: a generator, a cable, and Floodwarden at the other end of it.

import { setTimeout as sleep } from 'node:timers/promises'
import { startFlood } from '../flood.ts'
import { Lab, type Link } from '../namespace.ts'
import { mirrorPlan } from '../plan.ts'
import { RunningDaemon } from '../running-daemon.ts'
import { VICTIM } from '../scenario.ts'
import type { DemoFolder } from './demo-folder.ts'
import { show, showCall, tell } from './tell.ts'

const FLOOD = { scenario: 'udp-flood', rate: 60_000, seconds: 4 } as const

/** Some fifteen seconds. */
export async function demonstrateLive(folder: DemoFolder): Promise<void> {
  tell(
    'A small network: a generator, a cable, and Floodwarden on its mirror port, armed for a script of its own.',
  )
  await using lab = await Lab.create(mirrorPlan())
  const link: Link = lab.links[0]!
  for (const [seed, scenario] of (['web', 'resolver', 'office-ipv6'] as const).entries())
    startFlood(lab, link, { scenario, seconds: 30, seed: seed + 1 })
  await using daemon = await RunningDaemon.start({
    state: folder.state,
    words: [link.to.interface, '--config', folder.config],
    spawn: (argv, options) => lab.spawn('detector', argv, options),
  })
  tell('Visitors come: web servers, resolvers, an office over IPv6. This is the screen (floodwarden top):')
  await sleep(2000)
  await showScreen(daemon)

  tell(
    `A UDP flood on ${VICTIM.ipv4} begins: ${FLOOD.rate.toLocaleString('en')} packets/s, three times the limit.`,
  )
  const flood = startFlood(lab, link, { ...FLOOD, seed: 9 })
  const [ban] = await folder.script.until(({ length }) => length >= 1, 10)
  await sleep(1000)
  await showScreen(daemon)

  const { firstSentRealtimeNanos } = await flood.sent
  const reaction = Number(((ban?.at ?? 0n) - BigInt(firstSentRealtimeNanos)) / 1_000_000n) / 1000
  tell(
    `The script was called ${reaction.toFixed(2)} s after the first packet of the flood. It read (zeros left out):`,
  )
  const [, details] = await folder.script.until(({ length }) => length >= 2, 10)
  for (const call of [ban, details]) if (call !== undefined) showCall(call)

  tell('The flood is over. When the traffic has been calm and the ban time is up, the ban is taken back:')
  const calls = await folder.script.until(({ length }) => length >= 3, 15)
  for (const call of calls.slice(2)) showCall(call)
  tell('The network is taken down. Nothing is left.')
}

async function showScreen(daemon: RunningDaemon): Promise<void> {
  show((await daemon.ask(['top', '--once'])).stdout)
}
