// Program: announces host routes and rules by the gobgpd of its namespace through our driver, as lines of its input say.
//
// A line is `announce WHAT N` or `withdraw WHAT N`, WHAT routes or rules; the answer is `done` and how many of the N
// gobgpd has taken.

import { createInterface } from 'node:readline'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { routeMitigation, ruleMitigation } from '#8-enforcement/bgp/mitigation-for-tests.ts'
import { gobgpSchema } from '#8-enforcement/gobgp/config.ts'
import { Gobgp } from '#8-enforcement/gobgp/driver.ts'
import { GOBGPD_API } from '../lab/routers/speaker.ts'
import { ROUTER } from '../lab/routers/topology.ts'

const silent = () => {}
const log = { debug: silent, info: silent, warn: silent, error: silent }
const settings = gobgpSchema.parse({ address: GOBGPD_API, deadlineSeconds: 20, reconcileSeconds: 3600 })
const gobgp = new Gobgp(settings, log)
const attributes = { nextHop: ROUTER.speaker.ipv4, communities: ['65535:666'] }

const hostOf = (at: number): string => `10.${64 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}/32`

function mitigationOf(what: string | undefined, at: number): Mitigation {
  if (what === 'routes') return routeMitigation(`m-${at}`, hostOf(at), 'gobgp', attributes)
  const match = `destination ${hostOf(at)} protocol =udp source-port =53 packet-length >=1000&<=65535`
  return ruleMitigation(`r-${at}`, `${match} then discard`, 'gobgp')
}

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, what, number] = line.split(' ')
  const mitigations = Array.from({ length: Number(number) }, (_, at) => mitigationOf(what, at))
  const outcomes = await Promise.all(
    mitigations.map(one => (verb === 'announce' ? gobgp.announce(one) : gobgp.withdraw(one))),
  )
  process.stdout.write(`done ${outcomes.filter(({ kind }) => kind === 'done').length}\n`)
}
await gobgp.stop(1000)
