// A real exporter of sFlow (pmacct's sfprobe): what its datagrams say is what passed its interface, to the last byte.

import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startFlood } from '../../lab/flood.ts'
import { Lab } from '../../lab/namespace.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import type { ScenarioName } from '../../lab/scenario.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { COLLECTOR_PORT, type CollectorTotals } from './sflow-collector.ts'

const COLLECTOR = new URL('./sflow-collector.ts', import.meta.url).pathname
const PACKETS = 600
/** Its probe is a process of its own, which says nothing when it is ready. */
const SETTLE_MS = 1000
/** The exporter sends what it has gathered once a second. */
const FLUSH_MS = 1500
/** For what it sent last to be read: of samples never all of it arrives, of everything in moments. */
const ALL_READ_MAX_MS = 10_000

/** The probe gets each packet at once: what waits for others is handed over when it ends, and not all of it in time. */
const ONE_PACKET_BYTES = 300

const FLOODS: readonly (readonly [ScenarioName, kind: string, target: string])[] = [
  ['udp-flood', '4 17 0', '10.10.0.7'],
  ['syn-flood', '4 6 0', '10.10.0.7'],
  ['ipv6-udp-flood', '6 17 0', '2001:db8:10::7'],
]

const configOf = (name: string, rate: number): string => `
daemonize: false
pcap_interface: ${name}
snaplen: 128
plugin_pipe_size: 8388608
plugin_buffer_size: ${ONE_PACKET_BYTES}
plugins: sfprobe
sfprobe_receiver: 127.0.0.1:${COLLECTOR_PORT}
sfprobe_agentip: 192.0.2.2
sampling_rate: ${rate}
`

/** Resolves when the program writes a line that holds these words; rejects when it ends before. */
async function line(child: ChildProcess, words: string): Promise<string> {
  assert.ok(child.stdout)
  const lines: string[] = []
  for await (const text of createInterface({ input: child.stdout })) {
    if (text.includes(words)) return text
    lines.push(text)
  }
  throw new Error(`no "${words}" in: ${lines.join('\n')}`)
}

async function measure(t: TestContext, rate: number) {
  await using lab = await Lab.create(mirrorPlan())
  const [link] = lab.links
  assert.ok(link)
  const config = join(temporaryFolder(t), 'pmacctd.conf')
  writeFileSync(config, configOf(link.to.interface, rate))
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  const collector = lab.spawn('detector', [process.execPath, COLLECTOR, `${FLOODS.length * PACKETS}`], {
    stdio,
  })
  await line(collector, 'ready')
  // Awaited from here on: what a program says while nobody reads it is lost.
  const all = rate === 1 ? line(collector, 'all') : undefined
  // It writes its log to standard error, where the words are that say when it captures.
  const exporter = lab.spawn(
    'detector',
    ['sh', '-c', 'PATH=$PATH:/usr/sbin exec pmacctd -f "$0" 2>&1', config],
    { stdio },
  )
  await line(exporter, 'link type is')
  await sleep(SETTLE_MS)
  const sent = new Map<string, { readonly packets: number; readonly bytes: number }>()
  for (const [scenario, kind, target] of FLOODS) {
    const { sent: packets, bytes } = await startFlood(lab, link, {
      scenario,
      target,
      packets: PACKETS,
      rate: 1000,
    }).sent
    sent.set(kind, { packets, bytes })
  }
  const read = () => Promise.race([all ?? sleep(FLUSH_MS), sleep(ALL_READ_MAX_MS, undefined, { ref: false })])
  await read()
  exporter.kill('SIGINT')
  await once(exporter, 'exit')
  await read()
  const totals = line(collector, '{')
  collector.kill('SIGTERM')
  return { sent, totals: JSON.parse(await totals) as CollectorTotals }
}

test('each packet of a real exporter is one sample, or known to be lost', async t => {
  if (!(await mayRunPrograms(t, ['pmacctd']))) return

  const { sent, totals } = await measure(t, 1)

  assert.equal(totals.malformed, 0)
  let taken = 0
  for (const [kind, { packets, bytes }] of sent) {
    const got = totals.kinds[kind]
    assert.ok(got, kind)
    assert.ok(got.packets <= packets && got.packets > packets / 2, `${kind}: ${got.packets} of ${packets}`)
    assert.equal(got.bytes, got.packets * (bytes / packets), `${kind}: bytes`)
    taken += got.packets
  }
  assert.equal(taken + totals.lostSamples, FLOODS.length * PACKETS)
  assert.deepEqual(Object.keys(totals.kinds).sort(), [...sent.keys()].sort())
})

test('a real exporter that samples says at which rate, and of how many packets', async t => {
  if (!(await mayRunPrograms(t, ['pmacctd']))) return
  const rate = 4

  const { totals } = await measure(t, rate)

  const kinds = Object.values(totals.kinds)
  const packets = kinds.reduce((sum, kind) => sum + kind.packets, 0)
  const estimate = kinds.reduce((sum, kind) => sum + kind.estimate, 0)
  const all = FLOODS.length * PACKETS
  assert.equal(estimate, packets * rate)
  // Five standard errors, and what was lost of it.
  const sampled = packets + totals.lostSamples
  assert.ok(Math.abs(sampled * rate - all) < 5 * Math.sqrt(all * rate), `${sampled} of ${all}`)
  assert.ok(totals.pooled > all * 0.9 && totals.pooled <= all, `${totals.pooled} of ${all} could be sampled`)
})
