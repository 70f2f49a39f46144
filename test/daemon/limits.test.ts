// Learned limits with a real daemon: a week is found in the state, a limit is accepted, judges a flood, and outlives kill -9.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { METRIC } from '#3-traffic/metric.ts'
import { LIMITS } from '#4-detection/attack.ts'
import { withLearned } from '#4-detection/baseline-accepted.ts'
import { HourSamples, MINUTE_WORDS, wordOf } from '#4-detection/baseline-hour.ts'
import { EXAMPLE_LIMIT } from '#api/contract/examples.ts'
import type { LearnedLimit } from '#api/contract/limits.ts'
import { ROUTES } from '#api/contract/routes.ts'
import { configSchema } from '#app/config/config.ts'
import { limitsYaml } from '#cli/verbs/limits-yaml.ts'
import { openStateFile } from '#store/state-file.ts'
import { startFlood } from '../../lab/flood.ts'
import { Lab, type Link } from '../../lab/namespace.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayUseNamespaces } from '../may-go-on.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { until } from '../until.ts'

const HOUR_MS = 3_600_000
const PLACE = 'global/host/incoming/packets'
/** Twice this is suggested. */
const TYPICAL = 2480
const SUGGESTED = 5000

/** A week in which the busiest host has so many packets per second, as an earlier run would have left it. */
async function leaveWeek(directory: string): Promise<void> {
  const values = new Float64Array(MINUTE_WORDS)
  values[wordOf('host', 0, METRIC.packets)] = TYPICAL
  const samples = new HourSamples()
  for (let minute = 0; minute < 60; minute++) samples.add(values, 0)
  const body = samples.encode()
  const now = Math.floor(Date.now() / HOUR_MS)
  const clocks = () => ({ boot: 'before', uptimeSeconds: 1, wallMs: Date.now() })
  const { file } = await openStateFile({ directory, clocks })
  await file.write(
    Array.from({ length: 168 }, (_, ago) => ({
      ...({ kind: 'hour', scope: 'global' } as const),
      ...{ hour: now - ago, body },
    })),
  )
  await file.close()
}

async function openStage(t: TestContext) {
  const folder = temporaryFolder(t)
  const state = join(folder, 'state')
  mkdirSync(state)
  await leaveWeek(state)
  const lab = await Lab.create(mirrorPlan())
  t.after(() => lab[Symbol.asyncDispose]())
  const [link] = lab.links as [Link]
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [10.10.1.0/24]
capture: { interfaces: [${link.to.interface}] }
metrics: { listen: off }
detection: { thresholds: { incoming: { packetsPerSecond: 60000 } } }
`,
  )
  const start = async () => {
    const daemon = await RunningDaemon.start({
      state,
      words: ['--config', config],
      spawn: (argv, options) => lab.spawn('detector', argv, options),
    })
    t.after(() => daemon[Symbol.asyncDispose]())
    return daemon
  }
  return { lab, link, start }
}

async function limitAt(daemon: RunningDaemon) {
  const { limits } = await daemon.call(ROUTES.limits, {})
  const found = limits.find(({ place }) => place === PLACE)
  assert.ok(found)
  return found
}

/** What the engine itself judges a host by. */
async function thresholdOf(daemon: RunningDaemon, host: string) {
  const { now } = await daemon.call(ROUTES.explain, { subject: host })
  return now?.limits.find(({ direction, limit }) => direction === 'incoming' && limit === 'packets')
    ?.threshold
}

/** The line of `explain` about incoming packets, as an operator reads it. */
async function explainedLine(daemon: RunningDaemon, host: string): Promise<string> {
  const { stdout } = await daemon.ask(['explain', host])
  return /^ +incoming packets .*$/m.exec(stdout)?.[0] ?? stdout
}

test('a limit that was learned and accepted judges at once, and still does after kill -9', {
  timeout: 240_000,
}, async t => {
  if (!mayUseNamespaces(t)) return
  const { lab, link, start } = await openStage(t)
  const daemon = await start()
  const suggested = await limitAt(daemon)
  assert.deepEqual(
    [suggested.state, suggested.suggested, suggested.now, suggested.confidence],
    ['suggested', SUGGESTED, 60_000, 1],
  )
  assert.equal(await thresholdOf(daemon, '10.10.1.10'), 60_000)
  assert.match(await explainedLine(daemon, '10.10.1.10'), /60,000 .* configured for all hosts$/)

  const accepted = await daemon.ask(['limits', 'accept', PLACE])
  assert.equal(accepted.code, 0, accepted.stderr)
  assert.match(accepted.stdout, /accepted +5,000 +5,000 +1\.00 +learned, accepted by uid:\d+ on \d{4}-/)
  assert.equal(await thresholdOf(daemon, '10.10.1.10'), SUGGESTED)

  const flood = startFlood(lab, link, {
    ...{ scenario: 'udp-flood', target: '10.10.1.10', rate: 20_000, seconds: 20 },
  })
  await until(async () => (await daemon.call(ROUTES.bans, {})).bans.length > 0, 'a ban')
  flood.process.kill()
  await flood.sent.catch(() => {})
  const [ban] = (await daemon.call(ROUTES.attacks, {})).attacks
  assert.equal(ban?.host, '10.10.1.10')
  assert.match(ban?.why ?? '', /limit of 5,000 packets\/s/)

  await daemon.stop('SIGKILL')
  const next = await start()
  await next.until(({ message }) => message === 'state restored')
  const kept = await limitAt(next)
  assert.deepEqual([kept.state, kept.now, kept.standing], ['accepted', SUGGESTED, 'applied'])
  assert.equal(await thresholdOf(next, '10.10.1.77'), SUGGESTED)
  assert.match(
    await explainedLine(next, '10.10.1.77'),
    /5,000 .* learned, accepted by uid:\d+ on \d{4}-\d\d-\d\d$/,
  )
  assert.deepEqual(
    next.log.filter(({ level }) => level === 'error'),
    [],
  )
  const exported = await next.ask(['limits', 'export'])
  assert.deepEqual(parse(exported.stdout), {
    detection: { thresholds: { incoming: { packetsPerSecond: SUGGESTED } } },
  })

  const rejected = await next.ask(['limits', 'reject', PLACE])
  assert.match(rejected.stdout, /rejected +60,000 +5,000 +1\.00 +configured for all hosts/)
  assert.equal(await thresholdOf(next, '10.10.1.77'), 60_000)
  const { entries } = await next.call(ROUTES.audit, {})
  assert.ok(entries.some(({ target, reason }) => target === PLACE && /^learned limit rejected/.test(reason)))
})

test('exported limits load as a configuration that has what the daemon has', () => {
  const hostgroups = { caches: { networks: ['192.0.2.128/25'] } }
  const networks = ['192.0.2.0/24', '2001:db8::/32']
  const limits = ['global', 'caches', ...networks].flatMap((scope, at) =>
    LIMITS.map((limit, number): LearnedLimit => {
      const subject = at === 0 || number % 2 === 0 ? 'host' : 'total'
      const place = { scope, subject, direction: 'incoming', limit } as const
      const accepted = (at * 100 + number + 1) * 1000
      return { ...EXAMPLE_LIMIT, ...place, place: `${scope}/${number}`, accepted }
    }),
  )
  const empty = configSchema.parse({ networks, hostgroups, detection: { thresholds: { incoming: {} } } })
  const accepted = limits.map(({ accepted: value = 0, scope, subject, direction }, number) => ({
    ...{ scope, subject, direction, limit: LIMITS[number % LIMITS.length]!, value, instead: null },
  }))

  const exported = parse(limitsYaml(limits))
  const read = configSchema.parse({
    ...exported,
    networks,
    hostgroups: { ...exported.hostgroups, caches: { ...exported.hostgroups.caches, ...hostgroups.caches } },
  })

  const { config } = withLearned(empty, networks, accepted)
  assert.deepEqual([read.detection, read.hostgroups], [config.detection, config.hostgroups])
})
