// Reloading while traffic runs: nothing is lost, what is new takes effect, and a file with an error changes nothing.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROUTES } from '#api/contract/routes.ts'
import { startFlood } from '../../lab/flood.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { type RecordingScript, recordingScript } from '../../lab/recording-script.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { until as untilAnswered } from '../../lab/until.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { type Metrics, metricsInLab } from '../metrics-endpoint.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

interface Settings {
  readonly networks: string
  readonly limit?: number
  readonly whitelist?: string
  readonly script: RecordingScript
  readonly more?: string
}

const words = (script: RecordingScript) => script.calls().map(({ action, host }) => `${action} ${host}`)

/** A daemon in a lab whose configuration is written anew before each reload. */
async function openStage(t: TestContext, settings: (script: RecordingScript) => Settings) {
  const folder = temporaryFolder(t)
  const script = recordingScript(folder)
  const lab = await Lab.create(mirrorPlan())
  t.after(() => lab[Symbol.asyncDispose]())
  const [link] = lab.links as [Link]
  const file = join(folder, 'config.yaml')
  const write = ({ networks, limit = 20_000, whitelist = '', script: { path }, more = '' }: Settings) =>
    writeFileSync(
      file,
      `networks: [${networks}]
whitelist: [${whitelist}]
capture: { interfaces: [${link.to.interface}] }
mitigation: { armed: true }
enforcement: { notifyScript: { path: ${path}, passDetails: never } }
detection: { banSeconds: 600, thresholds: { incoming: { packetsPerSecond: ${limit} } } }
${more}
`,
    )
  write(settings(script))
  const daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', file],
    spawn: (argv, options) => lab.spawn('detector', argv, options),
  })
  t.after(() => daemon[Symbol.asyncDispose]())
  return { folder, script, lab, link, file, write, daemon }
}

const bannedNow = async (daemon: RunningDaemon) =>
  (await daemon.call(ROUTES.bans, {})).bans.map(({ host }) => host).sort()

/** Waits for these hosts, given in order, and no others to be banned. */
async function bannedUntil(daemon: RunningDaemon, hosts: readonly string[]): Promise<void> {
  await until(async () => (await bannedNow(daemon)).join() === hosts.join(), hosts.join())
}

/** The metrics, when every packet that was sent was counted and none was dropped. */
async function metricsOfAll(lab: Lab, sent: number, seenIn = (of: Metrics) => of.value(PROCESSED)) {
  const dropped = (of: Metrics) => of.value('fastnetmon_af_packet_socket_dropped_packets')
  let metrics = await metricsInLab(lab)
  await untilAnswered(async () => {
    const seen = seenIn(metrics)
    if (seen >= sent) return true
    metrics = await metricsInLab(lab)
    return `${seen} of ${sent} packets counted, and ${dropped(metrics)} dropped by the kernel`
  })
  assert.equal(seenIn(metrics), sent)
  assert.equal(dropped(metrics), 0)
  return metrics
}

const PROCESSED = 'fastnetmon_total_simple_packets_processed'

/** Longer than four reloads take, of which two are programs that are started. */
const LONG_FLOOD = { scenario: 'udp-flood', seconds: 22 } as const

/** The option of the newest FastNetMon that names the file of its rules. */
const RULES_PATH = 'whitelist_rules_path'

const residentMegabytes = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

test('networks, limits, whitelist and script change under traffic, and every packet is counted', {
  timeout: 240_000,
}, async t => {
  if (!mayUseNamespaces(t)) return
  const stage = await openStage(t, script => ({ networks: '10.10.1.0/24', script }))
  const { daemon, script, write, lab, link } = stage
  const until = (hosts: readonly string[]) => bannedUntil(daemon, hosts)
  const floods = [
    startFlood(lab, link, { ...LONG_FLOOD, target: '10.10.1.10', rate: 40_000 }),
    startFlood(lab, link, { ...LONG_FLOOD, target: '10.10.2.9', rate: 15_000, seed: 2 }),
  ]
  const other = recordingScript(join(temporaryFolder(t)))
  await until(['10.10.1.10'])

  write({ networks: '10.10.1.0/24, 10.10.2.0/24', limit: 5000, script })
  const grown = await daemon.call(ROUTES.reload, {})
  await until(['10.10.1.10', '10.10.2.9'])

  assert.deepEqual(grown.needsRestart, [])
  assert.deepEqual(grown.changed, [
    'networks (1 added, 0 removed)',
    'detection.thresholds.incoming.packetsPerSecond (20000 -> 5000)',
  ])

  write({ networks: '10.10.1.0/33', limit: 5000, script })
  const refused = await daemon.ask(['reload'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /config\.yaml:1:12: error: networks\[0\]: expected an IPv4 or IPv6 prefix/)
  const { lastReload, warnings } = await daemon.call(ROUTES.status, {})
  assert.equal(lastReload?.outcome, 'refused')
  assert.match(warnings.join('\n'), /the reload at .+ was refused, the configuration before is in force/)
  assert.deepEqual(await bannedNow(daemon), ['10.10.1.10', '10.10.2.9'])

  write({
    ...{ networks: '10.10.1.0/24, 10.10.2.0/24', limit: 5000, script: other, whitelist: '10.10.2.9' },
    more: 'metrics: { listen: off }',
  })
  daemon.signal('SIGHUP')
  await until(['10.10.1.10'])
  await script.until(({ length }) => length === 3)
  assert.deepEqual(words(script), ['ban 10.10.1.10', 'ban 10.10.2.9', 'unban 10.10.2.9'])
  const { attacks } = await daemon.call(ROUTES.attacks, { state: 'ended' })
  assert.deepEqual(
    attacks.map(({ host, endedBy }) => [host, endedBy]),
    [['10.10.2.9', 'configuration']],
  )
  assert.deepEqual((await daemon.call(ROUTES.status, {})).lastReload?.needsRestart, [
    'metrics.listen (what is listened on is opened at the start)',
  ])

  write({ networks: '10.10.2.0/24', limit: 5000, script: other })
  const shrunk = await daemon.ask(['reload', '--json'])
  assert.equal(JSON.parse(shrunk.stdout).endedBans, 1)
  await until(['10.10.2.9'])
  // What the old script began the old script takes back; the new one is called for what is new.
  await script.until(calls => calls.at(-1)?.host === '10.10.1.10')
  assert.equal(words(script).at(-1), 'unban 10.10.1.10')
  await other.until(({ length }) => length === 1)
  assert.deepEqual(words(other), ['ban 10.10.2.9'])

  const sent = (await Promise.all(floods.map(flood => flood.sent))).reduce((sum, one) => sum + one.sent, 0)
  const metrics = await metricsOfAll(lab, sent)
  assert.equal(metrics.value('floodwarden_configuration_reloads_total', { outcome: 'applied' }), 3)
  assert.equal(metrics.value('floodwarden_configuration_reloads_total', { outcome: 'refused' }), 1)
  const { hosts } = await daemon.call(ROUTES.status, {})
  assert.equal(hosts.tracked, 1)
})

test('many reloads in a row lose no packet and keep no memory, and those that come together are one', {
  timeout: 240_000,
}, async t => {
  if (!mayUseNamespaces(t)) return
  const stage = await openStage(t, script => ({ networks: '10.10.0.0/16', limit: 1_000_000, script }))
  const { daemon, script, write, lab, link } = stage
  const change = (turn: number) =>
    write({
      ...{ networks: `10.10.0.0/16, 10.${20 + (turn % 2)}.0.0/16, 2001:db8:${turn}::/48`, script },
      limit: 1_000_000 + turn,
    })
  const flood = startFlood(lab, link, { scenario: 'web', rate: 50_000, seconds: 10 })
  const reloads = async (from: number, count: number) => {
    for (let turn = from; turn < from + count; turn++) {
      change(turn)
      await daemon.call(ROUTES.reload, {})
    }
  }
  await reloads(0, 10)
  const before = residentMegabytes(daemon.pid)
  await reloads(10, 40)
  const after = residentMegabytes(daemon.pid)
  for (let time = 0; time < 20; time++) daemon.signal('SIGHUP')
  const { sent } = await flood.sent
  const metrics = await metricsOfAll(lab, sent)
  const applied = metrics.value('floodwarden_configuration_reloads_total', { outcome: 'applied' })
  assert.ok(applied > 50 && applied <= 55, `${applied} reloads`)
  assert.ok(after - before < 40, `${before.toFixed(1)} MB, then ${after.toFixed(1)} MB`)
})

test('the files of a fastnetmon.conf are read again: rules, whitelist and hostgroups, and every packet is told', {
  timeout: 240_000,
}, async t => {
  if (!mayUseNamespaces(t)) return
  const folder = temporaryFolder(t)
  const lab = await Lab.create(mirrorPlan())
  t.after(() => lab[Symbol.asyncDispose]())
  const [link] = lab.links as [Link]
  const at = (name: string) => join(folder, name)
  const write = (rules: string, group = '') => {
    writeFileSync(at('networks_list'), '10.10.0.0/16\n')
    writeFileSync(at('rules'), rules)
    writeFileSync(
      at('fastnetmon.conf'),
      `interfaces = ${link.to.interface}
networks_list_path = ${at('networks_list')}
white_list_path = ${at('whitelist')}
${RULES_PATH} = ${at('rules')}
mirror_afpacket = on
monitor_local_ip_addresses = off
enable_ban = on
ban_for_pps = on
threshold_pps = 100000
prometheus = on
prometheus_port = 9209
${group}`,
    )
  }
  writeFileSync(at('whitelist'), '')
  write('')
  const daemon = await RunningDaemon.start({
    state: at('state'),
    words: ['--config', at('fastnetmon.conf'), '--detection', 'budget'],
    spawn: (argv, options) => lab.spawn('detector', argv, options),
  })
  t.after(() => daemon[Symbol.asyncDispose]())
  const flood = (target: string, seed: number) =>
    startFlood(lab, link, { ...{ scenario: 'udp-flood', target, rate: 20_000, seconds: 12, seed } })
  const floods = [flood('10.10.1.1', 1), flood('10.10.2.2', 2), flood('10.10.3.3', 3)]
  await until(async () => (await daemon.call(ROUTES.status, {})).hosts.tracked === 3, 'three floods')
  await sleep(1000)
  assert.deepEqual(await bannedNow(daemon), [])

  write(
    '{ "destination_prefix": "10.10.1.0/24", "protocols": ["udp"], "action": "accept" }\n',
    'hostgroup = small:10.10.0.0/22\nsmall_enable_ban = on\nsmall_ban_for_pps = on\nsmall_threshold_pps = 5000\n',
  )
  writeFileSync(at('whitelist'), '10.10.3.3/32\n')
  const { code, stdout } = await daemon.ask(['reload'])

  assert.equal(code, 0, stdout)
  assert.match(stdout, /whitelistRules \(1 added, 0 removed\)/)
  await bannedUntil(daemon, ['10.10.2.2'])
  await sleep(1000)
  assert.deepEqual(await bannedNow(daemon), ['10.10.2.2'])
  const sent = (await Promise.all(floods.map(each => each.sent))).map(each => each.sent)
  const all = sent.reduce((sum, one) => sum + one, 0)
  const seen = (of: Metrics) => of.value(PROCESSED) + of.value('floodwarden_traffic_exempt_packets_total')
  const metrics = await metricsOfAll(lab, all, seen)
  const exempt = metrics.value('floodwarden_traffic_exempt_packets_total')
  assert.ok(exempt > 20_000 && exempt < (sent[0] ?? 0), `${exempt} of ${sent[0]} packets fit the rule`)
})
