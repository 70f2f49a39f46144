// The lab against the real kernel: both generators arrive whole, and nothing is left behind.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openPcap } from '#lib/pcap/open-pcap.ts'
import type { PcapRecord } from '#lib/pcap/record.ts'
import { mustRun, run } from '../../lab/command.ts'
import { startFlood } from '../../lab/flood.ts'
import { wrongChecksums } from '../../lab/frame-check-for-tests.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import { mirrorPlan, ROUTER_PLAN } from '../../lab/plan.ts'
import { mayUseNamespaces } from '../may-go-on.ts'

const HOLD = new URL('../../lab/hold.ts', import.meta.url).pathname
const MAKE_PCAP = new URL('../../lab/make-pcap.ts', import.meta.url).pathname

test('a smooth flood arrives packet for packet at its rate', async t => {
  if (!mayUseNamespaces(t)) return
  await using lab = await Lab.create(mirrorPlan())
  const link = lab.links[0]!
  const before = await lab.counters(link.to)

  const sent = await startFlood(lab, link, { scenario: 'mixed', rate: 50_000, packets: 20_000 }).sent

  const after = await lab.counters(link.to)
  assert.equal(sent.sent, 20_000)
  assert.equal(sent.refused, 0)
  assert.equal(after.receivedPackets - before.receivedPackets, 20_000)
  assert.equal(after.receivedBytes - before.receivedBytes, sent.bytes)
  // 0.4 s when the machine is free; a busy one may hold the generator up, but never hurries it.
  assert.ok(sent.seconds >= 0.39 && sent.seconds < 3, `${sent.seconds} s`)
})

test('a burst of a million packets reaches a packet socket', { timeout: 240_000 }, async t => {
  if (!mayUseNamespaces(t)) return
  await using lab = await Lab.create(mirrorPlan())
  const link = lab.links[0]!
  const listener = await listen(lab, link, '/dev/null')

  const sent = await startFlood(lab, link, {
    scenario: 'throughput-60',
    mode: 'burst',
    rate: 'max',
    packets: 1_000_000,
  }).sent

  // Received counts what the listener was too slow to take as well.
  const received = await listener.stop()
  assert.deepEqual([sent.sent, sent.bytes], [1_000_000, 60_000_000])
  assert.equal(received, 1_000_000)
})

for (const mode of ['smooth', 'burst'] as const) {
  test(`every frame of a ${mode} flood is whole when it arrives`, { timeout: 240_000 }, async t => {
    if (!mayUseNamespaces(t)) return
    const PACKETS = 2_000
    const file = join(temporaryFolder(t), 'seen.pcap')
    await using lab = await Lab.create(mirrorPlan())
    const link = lab.links[0]!

    for (const scenario of ['mixed', 'qinq-udp-flood', 'mpls-udp-flood', 'ipv6-extension-flood'] as const) {
      const listener = await listen(lab, link, file, PACKETS)
      const { bytes } = await startFlood(lab, link, { scenario, mode, rate: 50_000, packets: PACKETS }).sent
      await listener.ended

      const frames = framesOf(file)
      assert.equal(frames.length, PACKETS, scenario)
      assert.equal(
        frames.reduce((sum, frame) => sum + frame.byteLength, 0),
        bytes,
        scenario,
      )
      assert.equal(frames.filter(frame => wrongChecksums(frame) > 0).length, 0, scenario)
    }
  })
}

test('a router forwards what is addressed to it', async t => {
  if (!mayUseNamespaces(t)) return
  await using lab = await Lab.create(ROUTER_PLAN)
  const [outside, inside] = lab.links

  await startFlood(lab, outside!, { scenario: 'udp-flood', rate: 5_000, packets: 1_000, targetMac: 'peer' })
    .sent

  const { receivedPackets } = await lab.counters(inside!.from)
  assert.ok(receivedPackets >= 1_000, `${receivedPackets} packets came out on the inside`)
})

test('namespaces and programs are gone with the lab', async t => {
  if (!mayUseNamespaces(t)) return
  const lab = await Lab.create(mirrorPlan(2))
  const sleeper = lab.spawn('detector', ['sleep', '100'])
  const names = [lab.namespace('generator'), lab.namespace('detector')]
  const present = await namespaces()

  await lab[Symbol.asyncDispose]()

  assert.deepEqual(
    names.filter(name => present.includes(name)),
    names,
  )
  assert.deepEqual(
    (await namespaces()).filter(name => names.includes(name)),
    [],
  )
  assert.notEqual(sleeper.signalCode ?? sleeper.exitCode, null)
})

test('a lab that cannot be built leaves nothing', async t => {
  if (!mayUseNamespaces(t)) return
  const impossible = { ...mirrorPlan(), routes: { detector: ['198.51.100.0/24 via 203.0.113.99'] } }

  await assert.rejects(Lab.create(impossible), /Nexthop has invalid gateway/)

  assert.deepEqual(ours(await namespaces()), [])
})

test('what a killed process left is removed by the next lab', async t => {
  if (!mayUseNamespaces(t)) return
  const holder = spawn(process.execPath, [HOLD], { stdio: ['pipe', 'pipe', 'ignore'] })
  await once(holder.stdout, 'data')
  const left = (await namespaces()).filter(name => name.startsWith(`fw-${holder.pid}-`))
  holder.kill('SIGKILL')
  await once(holder, 'close')

  await using _lab = await Lab.create(mirrorPlan())

  assert.equal(left.length, 2)
  assert.deepEqual(
    (await namespaces()).filter(name => left.includes(name)),
    [],
  )
})

test('a generator sends on no other interface than a lab’s', async t => {
  if (!mayUseNamespaces(t)) return
  await using lab = await Lab.create(mirrorPlan())
  const link = lab.links[0]!
  const foreign: Link = { ...link, from: { ...link.from, interface: 'lo' } }

  const flood = startFlood(lab, foreign, { scenario: 'mixed', packets: 1 })

  await assert.rejects(flood.sent, /exit 2: --interface: only interfaces of a lab/)
})

test('the same scenarios make the same pcap file', async t => {
  const folder = temporaryFolder(t)
  const pieces = ['web,seconds=1,rate=500', 'syn-flood,rate=1000,seconds=0.5,start=0.25']

  for (const name of ['a', 'b']) await mustRun([process.execPath, MAKE_PCAP, join(folder, name), ...pieces])

  const [first, second] = ['a', 'b'].map(name => readFileSync(join(folder, name)))
  assert.ok(second && first?.equals(second))
  assert.equal(framesOf(join(folder, 'a')).length, 1000)
})

interface Listener {
  readonly ended: Promise<unknown>
  /** Ends it and says how many packets its socket has received. */
  stop(): Promise<number>
}

/** tcpdump on the receiving end, writing into the file; with a count it ends by itself. */
async function listen(lab: Lab, { to }: Link, file: string, count?: number): Promise<Listener> {
  const argv = [
    'tcpdump',
    '-n',
    '--immediate-mode',
    '-i',
    to.interface,
    '-s',
    '2000',
    '-B',
    '65536',
    '-w',
    file,
  ]
  const child = lab.spawn(to.role, count === undefined ? argv : [...argv, '-c', String(count)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close')
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk))
  while (!said.includes('listening on')) {
    assert.equal(child.exitCode, null, `tcpdump listens: ${said}`)
    await Promise.race([once(child.stderr!, 'data'), ended])
  }
  return {
    ended,
    async stop() {
      child.kill('SIGINT')
      await ended
      return Number(/(\d+) packets? received by filter/.exec(said)?.[1])
    },
  }
}

function framesOf(file: string): DataView[] {
  const bytes = readFileSync(file)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const record: PcapRecord = { at: 0, captured: 0, wire: 0, seconds: 0, nanoseconds: 0, link: 0 }
  const opened = openPcap(view, 0, bytes.length, record)
  assert.equal(opened.kind, 'opened')
  const frames: DataView[] = []
  if (opened.kind !== 'opened') return frames
  while (opened.reader.next(view, opened.reader.position, bytes.length) === 'packet') {
    frames.push(new DataView(view.buffer, view.byteOffset + record.at, record.captured))
  }
  return frames
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-lab-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

const ours = (names: readonly string[]) => names.filter(name => name.startsWith(`fw-${process.pid}-`))

async function namespaces(): Promise<string[]> {
  const { stdout } = await run(['ip', 'netns', 'list'])
  return stdout.split('\n').map(line => line.split(' ')[0] ?? '')
}
