// The capture ring against the real kernel: every packet once, with its length, whatever happens to the interface.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { fanoutGroupOf } from '#1-capture/af-packet/fanout.ts'
import { PACKET_TYPE } from '#1-capture/af-packet/layout.ts'
import { LINK_TYPE } from '#1-capture/af-packet/link-type.ts'
import { openRing, type RingOptions } from '#1-capture/af-packet/ring.ts'
import { FANOUT_MODES } from '#1-capture/config.ts'
import { parseCapabilities } from '#lib/linux/capability.ts'
import { ioctl, must } from '#lib/linux/libc.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { RECEIVER, VethPair, within } from '../veth-pair.ts'
import { EXPERIMENT, numbered, OPTIONS, RingReader, type Seen } from './ring-reader.ts'

/** Bytes a tag has on the wire that `wire` leaves out when the kernel has taken it out of the frame. */
const VLAN_TAG_BYTES = 4

/** Frames with the numbers from `first` on. */
const frames = (count: number, bytes = 100, first = 0) =>
  Array.from({ length: count }, (_, index) => numbered(first + index, bytes))

const numbersOf = (seen: readonly Seen[]) => seen.map(({ number }) => number).sort((a, b) => a - b)
const numbersFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => first + index)

function read(t: TestContext, pair: VethPair, options: Partial<RingOptions> = {}): RingReader {
  const reader = new RingReader(pair.receiving, options)
  t.after(() => reader.ring.close())
  return reader
}

/** Two readers that share the packets of the interface. */
function readTogether(t: TestContext, pair: VethPair, options: Partial<RingOptions> = {}): RingReader[] {
  const fanoutGroup = fanoutGroupOf(process.pid, 1)
  return [0, 1].map(() => read(t, pair, { fanoutGroup, ...options }))
}

test('every packet is seen once, with the length it had on the wire', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair)
  const sent = numbersFrom(0, 2000).map(number => numbered(number, 60 + (number % 1455)))

  pair.send(sent)
  const seen = reader.read(sent.length)

  assert.deepEqual(numbersOf(seen), numbersFrom(0, sent.length))
  assert.equal(reader.ring.linkType, LINK_TYPE.ethernet)
  for (const { number, wire, captured, etherType, networkOffset, tag, seconds } of seen) {
    const bytes = sent[number]?.length ?? 0
    assert.deepEqual([wire, captured], [bytes, Math.min(bytes, OPTIONS.snapBytes)])
    assert.deepEqual([etherType, networkOffset, tag], [EXPERIMENT, 14, undefined])
    assert.ok(Math.abs(seconds - Date.now() / 1000) < 60)
  }
})

test('the kernel’s statistics are told as increments', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair)

  pair.send(frames(300))
  reader.read(300)
  const first = reader.ring.statistics()
  pair.send(frames(200))
  reader.read(200)

  assert.deepEqual(first, { packets: 300, drops: 0, freezes: 0 })
  assert.deepEqual(reader.ring.statistics(), { packets: 200, drops: 0, freezes: 0 })
  assert.deepEqual(reader.ring.statistics(), { packets: 0, drops: 0, freezes: 0 })
})

test('with traffic both ways ingress is each packet that arrives, and both is all', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const ingress = read(t, pair)
  const both = read(t, pair, { direction: 'both' })

  pair.send(frames(100, 100, 1000))
  pair.sendBack(frames(50, 100, 5000))

  assert.deepEqual(numbersOf(ingress.read(200, 200)), numbersFrom(1000, 100))
  const seen = both.read(150)
  assert.deepEqual(numbersOf(seen), [...numbersFrom(1000, 100), ...numbersFrom(5000, 50)])
  for (const { number, packetType } of seen) {
    assert.equal(packetType === PACKET_TYPE.outgoing, number >= 5000)
  }
})

test('in a fan-out, too, ingress leaves out what the machine sends, and does not deal it out either', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const readers = readTogether(t, pair, { fanoutMode: 'lb' })

  for (const number of numbersFrom(0, 6)) {
    pair.send([numbered(number, 100)])
    pair.sendBack([numbered(5000 + number, 100)])
  }

  const each = readers.map(reader => reader.read(12, 200))
  assert.deepEqual(numbersOf(each.flat()), numbersFrom(0, 6))
  assert.deepEqual(
    each.map(({ length }) => length),
    [3, 3],
  )
})

for (const fanoutMode of FANOUT_MODES) {
  test(`two rings with fan-out ${fanoutMode} get each packet exactly once between them`, t => {
    if (!mayUseNamespaces(t)) return
    const pair = new VethPair(t)
    const readers = readTogether(t, pair, { fanoutMode })

    pair.send(frames(1000))

    const each = readers.map(reader => reader.read(1000, 200))
    assert.deepEqual(numbersOf(each.flat()), numbersFrom(0, 1000))
    if (fanoutMode === 'lb')
      assert.deepEqual(
        each.map(({ length }) => length),
        [500, 500],
      )
  })
}

test('a tag the kernel takes out is found beside the frame, an inner one in it', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair)
  const outer = { tpid: 0x8100, tci: 0x602a }
  const service = { tpid: 0x88a8, tci: 100 }

  pair.send([numbered(0, 100, [outer]), numbered(0, 100, [service, outer])])
  const [single, double] = reader.read(2)

  assert.deepEqual(single?.tag, outer)
  assert.deepEqual([single?.wire, single?.etherType], [100 - VLAN_TAG_BYTES, EXPERIMENT])
  assert.deepEqual(double?.tag, service)
  assert.deepEqual([double?.wire, double?.etherType], [100 - VLAN_TAG_BYTES, outer.tpid])
})

test('a ring nobody reads reports what it drops, and every packet is either seen or dropped', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair, { ringMegabytes: 2, snapBytes: 1500 })

  pair.send(frames(5000, 1400))
  const seen = reader.read(5000, 300)
  const { packets, drops, freezes } = reader.ring.statistics()

  assert.equal(packets, 5000)
  assert.ok(drops > 2000, `${drops} dropped`)
  assert.ok(freezes >= 1)
  assert.equal(seen.length, packets - drops)
  pair.send(frames(10, 100, 9000))
  assert.deepEqual(numbersOf(reader.read(10)), numbersFrom(9000, 10))
})

test('an interface that goes down is waited for without spinning and goes on when it is up', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair)
  reader.settle()

  pair.atReceiver('link', 'set', RECEIVER, 'down')
  reader.waitUntil('down')
  const began = performance.now()
  for (let round = 0; round < 5; round++) assert.equal(reader.next(40), -1)
  assert.ok(performance.now() - began > 150, 'next waits while the interface is down')

  pair.atReceiver('link', 'set', RECEIVER, 'up')
  reader.waitUntil('up')
  pair.send(frames(100))
  assert.deepEqual(numbersOf(reader.read(100)), numbersFrom(0, 100))
  assert.deepEqual(reader.kinds, ['down', 'up'])
})

test('a ring can be opened while its interface is down', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  pair.atReceiver('link', 'set', RECEIVER, 'down')
  const reader = read(t, pair)
  assert.equal(reader.ring.linkState(), 'down')

  pair.atReceiver('link', 'set', RECEIVER, 'up')
  reader.waitUntil('up')
  pair.send(frames(10))

  assert.deepEqual(numbersOf(reader.read(10)), numbersFrom(0, 10))
})

test('an interface deleted and made anew is captured again through the same memory, and nothing counted is lost', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair)
  pair.send(frames(100))
  reader.read(100)

  pair.disconnect()
  reader.waitUntil('gone')
  pair.connect()
  reader.waitUntil('up')
  pair.send(frames(50, 100, 500))

  assert.deepEqual(numbersOf(reader.read(50)), numbersFrom(500, 50))
  assert.equal(reader.ring.linkState(), 'up')
  assert.match(pair.atReceiver('-d', 'link', 'show', RECEIVER), /promiscuity 1/)
  assert.deepEqual(reader.ring.statistics(), { packets: 150, drops: 0, freezes: 0 })
})

test('the rings of a fan-out leave together and come back together', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const readers = readTogether(t, pair, { fanoutMode: 'lb' })
  for (const reader of readers) reader.settle()

  pair.disconnect()
  pair.connect()
  RingReader.waitUntilAll(readers, 'up')
  pair.send(frames(100))

  for (const { kinds } of readers) assert.deepEqual(kinds, ['gone', 'back', 'up'])
  const each = readers.map(reader => reader.read(100, 200))
  assert.deepEqual(numbersOf(each.flat()), numbersFrom(0, 100))
  assert.deepEqual(
    each.map(({ length }) => length),
    [50, 50],
  )
})

test('an interface moved to another namespace and back is captured again', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair)

  pair.atReceiver('link', 'set', RECEIVER, 'netns', pair.sending)
  reader.waitUntil('gone')
  execFileSync('ip', ['-n', pair.sending, 'link', 'set', RECEIVER, 'netns', pair.receiving])
  pair.atReceiver('link', 'set', RECEIVER, 'up')
  reader.waitUntil('up')
  pair.send(frames(20))

  assert.deepEqual(numbersOf(reader.read(20)), numbersFrom(0, 20))
})

test('an interface that is renamed stays captured', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair)

  pair.atReceiver('link', 'set', RECEIVER, 'down')
  pair.atReceiver('link', 'set', RECEIVER, 'name', 'other0')
  pair.atReceiver('link', 'set', 'other0', 'up')
  reader.read(1, 1200)
  pair.send(frames(20))

  assert.deepEqual(numbersOf(reader.read(20)), numbersFrom(0, 20))
  assert.equal(reader.ring.linkState(), 'up')
})

test('an interface that comes back as another kind of link is refused, and the ring stays quiet', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const reader = read(t, pair)
  reader.settle()

  pair.disconnect()
  reader.waitUntil('gone')
  const tun = openTun(pair, RECEIVER)
  t.after(() => closeSync(tun))
  reader.waitUntil('refused')

  assert.deepEqual(reader.kinds, ['gone', 'refused'])
  const [, refused] = reader.events
  assert.match(refused?.kind === 'refused' ? refused.error.message : '', /not Ethernet any more/)
  assert.equal(reader.next(10), -1)
})

test('where there is no link layer frames begin with the IP header', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const tun = openTun(pair, 'tun0')
  t.after(() => closeSync(tun))
  const reader = read(t, pair, { interface: 'tun0' })
  const ipv4 = Buffer.alloc(40)
  ipv4[0] = 0x45
  const ipv6 = Buffer.alloc(60)
  ipv6[0] = 0x60

  writeSync(tun, ipv4)
  writeSync(tun, ipv6)
  const seen = reader.read(2)

  assert.equal(reader.ring.linkType, LINK_TYPE.rawIp)
  assert.deepEqual(
    seen.map(({ number, wire, networkOffset, etherType }) => [number, wire, networkOffset, etherType]),
    [
      [0x45000000, 40, 0, 0x0800],
      [0x60000000, 60, 0, 0x86dd],
    ],
  )
})

test('promiscuous membership lasts as long as the ring, and a closed ring reads as zeros', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const promiscuity = () => /promiscuity (\d+)/.exec(pair.atReceiver('-d', 'link', 'show', RECEIVER))?.[1]
  const without = read(t, pair, { promiscuous: false })
  assert.equal(promiscuity(), '0')
  const reader = read(t, pair)
  assert.equal(promiscuity(), '1')

  reader.ring.close()
  reader.ring.close()

  assert.equal(promiscuity(), '0')
  assert.ok(new Uint8Array(reader.ring.buffer).every(byte => byte === 0))
  assert.equal(reader.next(0), -1)
  pair.send(frames(5))
  assert.equal(without.read(5).length, 5)
})

test('an interface that is not there is an error that says so', t => {
  if (!mayUseNamespaces(t)) return

  assert.throws(() => openRing({ ...OPTIONS, interface: 'nowhere0' }), /there is no interface nowhere0/)
})

test('a process that gave up its capabilities keeps those it named; a program it calls as root has all', t => {
  if (!mayUseNamespaces(t)) return
  const pair = new VethPair(t)
  const child = `
    import { execFileSync } from 'node:child_process'
    import { Worker } from 'node:worker_threads'
    import { openRing } from '#1-capture/af-packet/ring.ts'
    import { hasCapability, keepOnly } from '#lib/linux/capability.ts'
    const open = () => openRing({ ...${JSON.stringify(OPTIONS)}, fanoutGroup: undefined }).close()
    const effective = "process.getBuiltinModule('fs').readFileSync('/proc/thread-self/status', 'utf8').match(/CapEff:.([0-9a-f]+)/)[1]"
    keepOnly(['netRaw'])
    open()
    const worker = new Worker("process.getBuiltinModule('worker_threads').parentPort.postMessage(" + effective + ")", { eval: true })
    const inWorker = await new Promise(resolve => worker.once('message', resolve))
    const called = execFileSync(process.execPath, ['--print', effective], { encoding: 'utf8' }).trim()
    keepOnly([])
    let refusal = ''
    try { open() } catch (error) { refusal = error.message }
    console.log(JSON.stringify({ inWorker, called, refusal, has: hasCapability('netRaw') }))
  `
  const command = ['netns', 'exec', pair.receiving, process.execPath, '--input-type=module', '--eval', child]
  const output = execFileSync('ip', command, { encoding: 'utf8', cwd: new URL('../..', import.meta.url) })

  const { inWorker, called, refusal, has } = JSON.parse(output)

  assert.equal(BigInt(`0x${inWorker}`), 1n << 13n)
  assert.equal(BigInt(`0x${called}`), parseCapabilities(readFileSync('/proc/self/status', 'utf8')).effective)
  assert.match(refusal, /socket AF_PACKET: .*needs CAP_NET_RAW/)
  assert.equal(has, false)
})

/** Makes a tunnel interface whose packets this process writes; it lives as long as the descriptor. */
function openTun(pair: VethPair, name: string): number {
  const TUNSETIFF = 0x400454ca
  const IFF_TUN_NO_PI = 0x1001
  const request = new DataView(new ArrayBuffer(40))
  new Uint8Array(request.buffer).set(Buffer.from(name))
  request.setUint16(16, IFF_TUN_NO_PI, true)
  const fd = within(pair.receiving, () => openSync('/dev/net/tun', 'r+'))
  must(ioctl(fd, TUNSETIFF, request), 'TUNSETIFF')
  pair.atReceiver('link', 'set', name, 'up')
  return fd
}
