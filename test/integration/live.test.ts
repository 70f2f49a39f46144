// The whole program on live traffic: floods in namespaces, found, told to a script and taken back.
//
// Strict on facts, loose on time: a busy machine may delay everything, and sends less than it was asked for.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ROUTES } from '#api/contract/routes.ts'
import { hasCapability } from '#lib/linux/capability.ts'
import { mustRun } from '../../lab/command.ts'
import type { End, Link } from '../../lab/namespace.ts'
import { mirrorPlan, ROUTER_PLAN } from '../../lab/plan.ts'
import type { RecordedCall } from '../../lab/recording-script.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { metricsInLab } from '../metrics-endpoint.ts'
import { scenarioNamed } from '../scenario/case.ts'
import { assertLife, Stage } from '../scenario/stage.ts'
import { until } from '../until.ts'

/** Threads of ours, not of V8 or libuv, whose nice value is below that of the process (proc_pid_stat(5), fields 2 and 19). */
function workersThatGoFirst(pid: number): number {
  const lines = readdirSync(`/proc/${pid}/task`).map(thread =>
    readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'),
  )
  return lines.filter(line => line.includes('(WorkerThread)') && Number(line.split(' ')[18]) < 0).length
}

const VICTIM = '10.10.10.10'
const VICTIM6 = '2001:db8:10::10'
const MINUTE = { timeout: 240_000 }

test('a UDP flood amid visitors: ban, details and unban, and every packet is counted', MINUTE, async t => {
  if (!mayUseNamespaces(t)) return
  // Twice the limit takes half a second to find: the first tick, which the flood shares with calm, weighs little then.
  const settings =
    'detection: { banSeconds: 5, holdSeconds: 1, thresholds: { incoming: { packetsPerSecond: 30000 } } }'
  await using stage = await Stage.open(t, mirrorPlan(), settings)
  if (hasCapability('sysNice')) assert.equal(workersThatGoFirst(stage.daemon.pid), 1, 'capture goes first')

  const [visitors, flood] = await stage.send(
    { scenario: 'web', rate: 2000, seconds: 5 },
    { scenario: 'udp-flood', rate: 60_000, seconds: 4 },
  )

  const calls = await stage.script.until(({ length }) => length >= 3)
  assertLife(calls, { host: VICTIM, direction: 'incoming', flood })
  const [ban, details] = calls as [RecordedCall, RecordedCall]
  for (const { stdin } of [ban, details]) {
    assert.match(
      stdin,
      /^IP: 10\.10\.10\.10\nAttack type: udp_flood\nInitial attack power: \d+ packets per second\n/,
    )
    assert.match(stdin, /^Attack direction: incoming\nAttack protocol: udp$/m)
    assert.match(stdin, /^Average packet size for incoming traffic: 512\.0 bytes $/m)
  }
  assert.match(
    ban.stdin,
    /^Incoming\n\nUDP flows: \d+\n(10\.10\.10\.10:80 < [\d.:]+ \d+ bytes \d+ packets\n){21}Flows have cropped/m,
  )
  assert.equal(details.stdin.match(PACKET_LINE)?.length, 20)
  const { attacks } = await stage.daemon.call(ROUTES.attacks, {})
  assert.deepEqual(
    attacks.map(({ host, state, endedBy, type, protocol }) => [host, state, endedBy, type, protocol]),
    [[VICTIM, 'ended', 'finished', 'udp_flood', 'udp']],
  )
  const metrics = await stage.counted(visitors.sent + flood.sent)
  assert.equal(metrics.value('fastnetmon_total_ipv4_packets'), visitors.sent + flood.sent)
  assert.equal(metrics.value('floodwarden_script_calls_total', { end: 'ok' }), 3)
  assert.equal(metrics.value('floodwarden_attacks_total'), 1)
})

test('a flood over IPv6 and one from our own network at the same time', MINUTE, async t => {
  if (!mayUseNamespaces(t)) return
  await using stage = await Stage.open(t, mirrorPlan(), SMALL_LIMITS)

  const [incoming, outgoing] = await stage.send(
    { scenario: 'ipv6-udp-flood', rate: 30_000, seconds: 4 },
    { scenario: 'outgoing-udp-flood', rate: 30_000, seconds: 4 },
  )

  const calls = await stage.script.until(({ length }) => length >= 6)
  const of = (host: string) => calls.filter(call => call.host === host)
  assertLife(of(VICTIM6), { host: VICTIM6, direction: 'incoming', flood: incoming })
  assertLife(of(VICTIM), { host: VICTIM, direction: 'outgoing', flood: outgoing })
  assert.match(of(VICTIM6)[0]?.stdin ?? '', /^IP: 2001:db8:10::10\nAttack type: udp_flood$/m)
  assert.match(
    of(VICTIM)[0]?.stdin ?? '',
    /^Outgoing\n\nUDP flows: \d+\n10\.10\.10\.10:\d+ > 198\.18\.77\.7:80 /m,
  )
  const metrics = await stage.counted(incoming.sent + outgoing.sent)
  assert.equal(metrics.value('fastnetmon_total_ipv6_packets'), incoming.sent)
  assert.equal(metrics.value('fastnetmon_total_ipv4_packets'), outgoing.sent)
})

test('a router with two interfaces counts a forwarded packet once', MINUTE, async t => {
  if (!mayUseNamespaces(t)) return
  await using stage = await Stage.open(t, ROUTER_PLAN, SMALL_LIMITS)
  const inside = stage.lab.links[1]!.from
  const before = await stage.lab.counters(inside)

  const [flood] = await stage.send({ scenario: 'syn-flood', rate: 30_000, seconds: 3, targetMac: 'peer' })

  const calls = await stage.script.until(({ length }) => length >= 3)
  const after = await stage.lab.counters(inside)
  assert.ok(after.receivedPackets - before.receivedPackets >= flood.sent * 0.9, 'the router forwards')
  assertLife(calls, { host: VICTIM, direction: 'incoming', flood })
  assert.match(calls[0]?.stdin ?? '', /^Attack type: syn_flood$/m)
  const metrics = await metricsInLab(stage.lab)
  assert.equal(metrics.value('fastnetmon_total_ipv4_packets'), flood.sent)
  assert.equal(metrics.value('fastnetmon_af_packet_socket_dropped_packets'), 0)
})

test(
  'the configuration of the MITIGATOR guide: counters only, and unban when all is over',
  MINUTE,
  async t => {
    if (!mayUseNamespaces(t)) return
    await using stage = await Stage.openWith(t, mirrorPlan(), 'fastnetmon.conf', (links, script) => {
      const { folder } = scenarioNamed('mitigator-guide')
      return readFileSync(join(folder, 'fastnetmon.conf'), 'utf8')
        .replace('interfaces = eth1', `interfaces = ${links[0]?.to.interface}`)
        .replace('= networks_list', `= ${folder}/networks_list`)
        .replace('= networks_whitelist', `= ${folder}/networks_whitelist`)
        .replace(/notify_script_path = .*/, `notify_script_path = ${script}`)
        .replace('ban_time = 30', 'ban_time = 6')
    })

    const [flood] = await stage.send({ scenario: 'icmp-flood', rate: 40_000, seconds: 6 })

    const calls = await stage.script.until(({ length }) => length >= 3)
    assert.deepEqual(
      calls.map(({ action }) => action),
      ['ban', 'attack_details', 'unban'],
    )
    const [ban, details, unban] = calls as [RecordedCall, RecordedCall, RecordedCall]
    // An average: it begins above the limit and never reaches the rate itself.
    assert.ok(Number(ban.argv[2]) > 20_000 && Number(ban.argv[2]) < flood.pps, ban.argv.join(' '))
    assert.match(ban.stdin, /^Attack type: icmp_flood$/m)
    assert.match(ban.stdin, /bytes $/m)
    assert.equal(details.stdin, ban.stdin)
    assert.equal(details.stdin.match(PACKET_LINE), null)
    // By its own times: a busy machine starts one script later than the other.
    const { attacks } = await stage.daemon.call(ROUTES.attacks, {})
    const [{ openedAt, endedAt = openedAt }] = attacks as [(typeof attacks)[number]]
    assert.ok(Date.parse(endedAt) - Date.parse(openedAt) >= 6_000, `banned from ${openedAt} to ${endedAt}`)
    assert.deepEqual([unban.stdin, unban.stdinIs], ['', '/dev/null'])
  },
)

test('an interface that is deleted and made again is captured on again', MINUTE, async t => {
  if (!mayUseNamespaces(t)) return
  await using stage = await Stage.open(t, mirrorPlan(), SMALL_LIMITS)
  const [link] = stage.lab.links as [Link]

  await mustRun(['ip', '-n', link.to.namespace, 'link', 'del', link.to.interface])
  await stage.daemon.until(({ message }) => message === 'interface gone')
  const links = async () => (await stage.daemon.call(ROUTES.status, {})).capture.map(worker => worker.link)
  await until(async () => (await links()).join() === 'missing', 'the interface is missing')
  await connect(link)
  await stage.daemon.until(({ message }) => message === 'interface back')
  await stage.daemon.until(({ message }) => message === 'interface up')
  const [flood] = await stage.send({ scenario: 'udp-flood', rate: 30_000, seconds: 3 })

  const calls = await stage.script.until(({ length }) => length >= 3)
  assertLife(calls, { host: VICTIM, direction: 'incoming', flood })
  await stage.counted(flood.sent)
})

test('a script that hangs and fails hurts nobody: others are found meanwhile', MINUTE, async t => {
  if (!mayUseNamespaces(t)) return
  const settings = `${SMALL_LIMITS}\nenforcement: { notifyScript: { path: SCRIPT, timeoutSeconds: 3, parallel: 2 } }`
  const hangs = `[ "$1" = 10.10.10.1 ] && sleep 100\nexit 75`
  await using stage = await Stage.open(t, mirrorPlan(), settings, hangs)

  await stage.send(
    { scenario: 'udp-flood', rate: 40_000, seconds: 4, target: '10.10.10.1' },
    { scenario: 'syn-flood', rate: 40_000, seconds: 4, target: '10.10.10.2' },
  )

  await stage.daemon.until(
    line => line.message === 'notify script failed' && line['error'] === 'exit status 75',
  )
  await stage.daemon.until(
    line => line.message === 'notify script failed' && /its time limit/.test(String(line['error'])),
  )
  const { attacks } = await stage.daemon.call(ROUTES.attacks, {})
  assert.deepEqual(attacks.map(({ host }) => host).sort(), ['10.10.10.1', '10.10.10.2'])
  const [first = 0, last = 0] = attacks.map(({ openedAt }) => Date.parse(openedAt)).sort()
  assert.ok(last - first < 2000, 'the second was found while the script of the first hung')
  const { code, seconds } = await stage.daemon.stop()
  assert.equal(code, 0)
  assert.ok(seconds < 5, `the end took ${seconds} s`)
})

test('what the kernel drops is told', MINUTE, async t => {
  if (!mayUseNamespaces(t)) return
  await using stage = await Stage.open(
    t,
    mirrorPlan(),
    `capture: { ringMegabytes: 1, interfaces: INTERFACES }`,
  )

  stage.daemon.signal('SIGSTOP')
  const [flood] = await stage.send({ scenario: 'throughput-60', rate: 100_000, seconds: 1 })
  stage.daemon.signal('SIGCONT')
  const received = async () => (await stage.daemon.call(ROUTES.status, {})).packetsReceived
  await until(async () => (await received()) >= flood.sent, 'the packets')

  const { packetsReceived, packetsDropped, warnings } = await stage.daemon.call(ROUTES.status, {})
  // The ring says what it received before what is in it is counted.
  const counted = async () =>
    (await metricsInLab(stage.lab)).value('fastnetmon_total_simple_packets_processed') ?? 0
  await until(async () => (await counted()) >= flood.sent - packetsDropped, 'what was not dropped')
  const metrics = await metricsInLab(stage.lab)
  assert.ok(packetsDropped > 0)
  assert.equal(packetsReceived, flood.sent)
  assert.equal(metrics.value('fastnetmon_total_simple_packets_processed'), flood.sent - packetsDropped)
  assert.equal(metrics.value('fastnetmon_af_packet_socket_dropped_packets'), packetsDropped)
  assert.match(warnings.join('\n'), new RegExp(`the kernel dropped ${packetsDropped} packets`))
})

const SMALL_LIMITS = `detection:
  banSeconds: 4
  holdSeconds: 1
  thresholds:
    incoming: { packetsPerSecond: 15000 }
    outgoing: { packetsPerSecond: 15000 }`

const PACKET_LINE =
  /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \S+:\d+ > \S+:\d+ protocol: \S+ (flags: \S+ )?frag: [01] {2}packets: 1 size: \d+ bytes ttl: \d+ sample ratio: 1 {2}$/gm

/** Makes the cable again that was deleted. */
async function connect({ from, to }: Link): Promise<void> {
  const peer = (end: End) => `${end.interface} netns ${end.namespace}`
  await mustRun(['ip', '-batch', '-'], {
    input: `link add ${peer(from)} type veth peer name ${peer(to)}\n`,
  })
  for (const end of [from, to]) await mustRun(['ip', '-n', end.namespace, 'link', 'set', end.interface, 'up'])
}
