// How long it takes until a real router does what it is told: from the first packet of a flood to the route in its kernel,
// and from the order to the last of many routes and rules in its table.
//
// BIRD and FRR are the routers, gobgpd the speaker, all in namespaces. The flood is found on the mirror port of the router; it comes
// at a random moment between two ticks. The kernel's own stamp says when a blackhole is there. Tables are looked at as fast
// as birdc answers, some 15 ms apart.

import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { assert } from '#lib/assert.ts'
import { detectorPlan } from '../lab/routers/armed-detector.ts'
import { Bird } from '../lab/routers/bird.ts'
import { RouteWatch } from '../lab/routers/route-watch.ts'
import { RoutedLab, type RouterKind } from '../lab/routers/routed-lab.ts'
import { RunningDaemon } from '../lab/running-daemon.ts'
import { until } from '../lab/until.ts'
import { atMost, printGates } from './gate.ts'
import { benchOptions } from './options.ts'
import { median } from './statistics.ts'
import { printTable } from './table.ts'

const { quick } = benchOptions()
const LIMIT = 5000
const TIMES = 10
const FLOODS = quick ? 2 : 5
const ROUNDS = quick ? 1 : 3
/** Hosts behind the router, one for each flood. */
const HOSTS = ['203.0.113.10', '203.0.113.11', '203.0.113.12', '203.0.113.13', '203.0.113.14']
const LONGEST_PHASE_MILLISECONDS = 1000
const FLOOD_SECONDS = 2
const ANNOUNCER = new URL('./route-announcer.ts', import.meta.url).pathname
const ROUTES = 10_000
const RULES = 1000

interface Figure {
  readonly what: string
  readonly seconds: readonly number[]
  readonly gateSeconds: number
}

async function floodToKernel(routed: RoutedLab, folder: string, router: string): Promise<Figure> {
  await addHosts(routed)
  const plan = detectorPlan(routed, { folder, speaker: 'gobgp', limit: LIMIT })
  await using _daemon = await RunningDaemon.start(plan)
  using watch = new RouteWatch(routed.lab, 'router')
  const seconds: number[] = []
  for (const host of HOSTS.slice(0, FLOODS)) {
    await delay(Math.random() * LONGEST_PHASE_MILLISECONDS)
    const flood = routed.flood({ ipv4: host, ipv6: '' }, 4, LIMIT * TIMES, FLOOD_SECONDS)
    await routed.untilBlackholes([host])
    const { firstSentRealtimeNanos } = await flood.sent
    const added = watch.changes.find(({ kind, prefix }) => kind === 'added' && prefix === host)
    assert(added !== undefined, `the kernel has told of ${host}`)
    seconds.push((added.atMilliseconds - Number(BigInt(firstSentRealtimeNanos) / 1000n) / 1000) / 1000)
    await routed.untilBlackholes([])
  }
  return { what: `first packet of a flood, ${TIMES} x, to the kernel by ${router}`, seconds, gateSeconds: 1 }
}

/** A router does not ask in vain who has the address. */
async function addHosts({ lab, cables }: RoutedLab): Promise<void> {
  for (const host of HOSTS.slice(1))
    await lab.exec('victim', ['ip', 'address', 'add', `${host}/28`, 'dev', cables.victim.to.interface])
}

/** Many at once, by our driver in a process of its own. */
async function many({ lab }: RoutedLab, bird: Bird): Promise<Figure[]> {
  const child = lab.spawn('detector', [process.execPath, ANNOUNCER], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const orderOf =
    (what: 'routes' | 'rules') =>
    async (verb: 'announce' | 'withdraw', number: number): Promise<void> => {
      child.stdin!.write(`${verb} ${what} ${number}\n`)
      const { value } = await answers.next()
      assert(value === `done ${number}`, `gobgpd has taken all: ${value}`)
    }
  // Loads the driver and connects.
  await orderOf('routes')('announce', 1)
  await orderOf('routes')('withdraw', 1)
  const figures = [
    {
      what: `${ROUTES.toLocaleString('en-US')} host routes to BIRD's table`,
      seconds: await timed(bird, 'master4', ROUTES, orderOf('routes')),
      gateSeconds: 1,
    },
    {
      what: `${RULES.toLocaleString('en-US')} FlowSpec rules to BIRD's table`,
      seconds: await timed(bird, 'flow4tab', RULES, orderOf('rules')),
      gateSeconds: 0.3,
    },
  ]
  child.kill()
  return figures
}

/** Seconds from each order to announce until the table holds so many. */
async function timed(
  bird: Bird,
  table: string,
  number: number,
  order: (verb: 'announce' | 'withdraw', number: number) => Promise<void>,
): Promise<number[]> {
  const holds = (wanted: number) =>
    until(async () => {
      const held = await bird.count(table)
      return held === wanted || `${table} holds ${held} of ${wanted}`
    })
  const seconds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    await holds(0)
    const began = performance.now()
    await Promise.all([order('announce', number), holds(number)])
    seconds.push((performance.now() - began) / 1000)
    await order('withdraw', number)
  }
  return seconds
}

async function onRouter(
  kind: RouterKind,
  work: (routed: RoutedLab, folder: string) => Promise<Figure[]>,
): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'floodwarden-routes-'))
  // FRR runs as its own user, and the folder of a run of benches is only ours.
  chmodSync(folder, 0o755)
  if (process.env['TMPDIR'] === tmpdir() && basename(tmpdir()).startsWith('floodwarden-bench-'))
    chmodSync(tmpdir(), 0o711)
  await using routed = await RoutedLab.create(folder, 'gobgp', kind)
  await routed.established()
  return await work(routed, folder)
}

const figures = [
  ...(await onRouter('bird', async (routed, folder) => {
    const { router } = routed
    assert(router instanceof Bird, 'the router is BIRD')
    return [await floodToKernel(routed, folder, 'BIRD'), ...(await many(routed, router))]
  })),
  ...(await onRouter('frr', async (routed, folder) => [await floodToKernel(routed, folder, 'FRR')])),
]
printTable(
  `until the router has it, in seconds; the limit is ${LIMIT.toLocaleString('en-US')} packets/s`,
  ['what', 'rounds', 'median', 'worst', 'gate', 'median / gate'],
  figures.map(({ what, seconds, gateSeconds }) => [
    what,
    seconds.length,
    median(seconds),
    Math.max(...seconds),
    gateSeconds,
    median(seconds) / gateSeconds,
  ]),
)
printGates(
  figures.map(({ what, seconds, gateSeconds }) =>
    atMost(`median: ${what}`, median(seconds), gateSeconds, 's'),
  ),
)
