// The soak: hours of floods, scans and calm in one lab, watched for what only shows with time.
//
// Each cycle floods two hosts (one per IP version) amid visitors and scans our IPv6 network with addresses that never
// come twice. After each: every packet sent was counted, every ban had its end, memory stays below its bound.
// `npm run soak -- --minutes 60`; the short form runs with the tests.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startFlood } from '../../lab/flood.ts'
import { Lab } from '../../lab/namespace.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { metricsInLab } from '../metrics-endpoint.ts'
import { SoakStage } from './stage.ts'

const HOSTS_MAX = 4096
const CALM_MS = 6000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    cycles: { type: 'string' },
    'limit-megabytes': { type: 'string', default: '450' },
  },
})
const cycles = values.cycles === undefined ? Number.POSITIVE_INFINITY : Number(values.cycles)
const endsAt = performance.now() + Number(values.minutes) * 60_000

await using lab = await Lab.create(mirrorPlan())
await using stage = await SoakStage.open(lab, HOSTS_MAX)
const [link] = lab.links
assert.ok(link)

let sent = 0
let done = 0
while (done < cycles && performance.now() < endsAt) {
  const seed = done + 1
  const victim = `10.10.${done % 200}.${1 + (done % 250)}`
  const victim6 = `2001:db8:10::${(done + 1).toString(16)}`
  const floods = [
    startFlood(lab, link, { scenario: 'web', rate: 1000, seconds: 4, seed }),
    startFlood(lab, link, { scenario: 'udp-flood', rate: 30_000, seconds: 3, target: victim, seed }),
    startFlood(lab, link, { scenario: 'ipv6-udp-flood', rate: 30_000, seconds: 3, target: victim6, seed }),
    startFlood(lab, link, {
      scenario: 'ipv6-udp-flood',
      rate: 5000,
      seconds: 3,
      target: '2001:db8:10::/64',
      seed,
    }),
  ]
  for (const { sent: result } of floods) sent += (await result).sent
  await sleep(CALM_MS)
  done++
  console.log(await cycleLine(done, [victim, victim6]))
}
console.log(`${done} passed, 0 failed`)

/** Checks what must hold after each cycle, and tells the numbers. */
async function cycleLine(cycle: number, victims: readonly string[]): Promise<string> {
  const metrics = await metricsInLab(lab)
  const counted = metrics.value('fastnetmon_total_simple_packets_processed')
  const dropped = metrics.value('floodwarden_capture_dropped_packets_total')
  assert.equal(counted + dropped, sent, 'every packet is counted or known to be dropped')
  assert.equal(metrics.value('floodwarden_attacks_open'), 0, 'every attack has ended')
  for (const host of victims) {
    const actions = stage.actionsOf(host)
    assert.deepEqual(actions, ['ban', 'attack_details', 'unban'], `the life of the ban of ${host}`)
  }
  const hosts = metrics.value('floodwarden_hosts')
  const megabytes = residentMegabytes(stage.pid)
  assert.ok(hosts <= 65_536 + HOSTS_MAX, `${hosts} hosts are within the bound`)
  assert.ok(megabytes <= Number(values['limit-megabytes']), `${megabytes} MB are within the limit`)
  const evicted = metrics.value('floodwarden_hosts_evicted_total')
  const late = metrics.value('floodwarden_late_ticks_total')
  return `cycle ${cycle}: ${sent} packets, ${dropped} dropped, ${hosts} hosts, ${evicted} evicted, ${late} late ticks, ${megabytes} MB`
}

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes) / 1024)
}
