// One run: FastNetMon, Floodwarden in plain mode and nfdump's collectors hear the very same datagrams.
//
// The first two tell speeds of hosts, not totals: FastNetMon on its screen, Floodwarden when asked. Their average of a tick is a = count * (1 - d) + d * a before, d = exp(-1 / seconds),
// so counts follow from the averages of all ticks, as long as none is missed.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROUTES } from '#api/contract/routes.ts'
import { mustRun } from '../../lab/command.ts'
import { Lab } from '../../lab/namespace.ts'
import { FastnetmonPeer } from '../../lab/peer/fastnetmon.ts'
import { Capd } from '../../lab/peer/nfcapd.ts'
import { withOwnVarLog } from '../../lab/peer/own-var-log.ts'
import { mirrorPlan } from '../../lab/plan.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { FLOW_CASES } from './flow-cases.ts'

export interface Count {
  readonly packets: number
  readonly bytes: number
}

export type Collector = 'floodwarden' | 'fastnetmon' | 'nfdump'
/** What each collector counted, case by case. */
export type Counted = readonly Readonly<Record<Collector, Count>>[]

const SENDER = new URL('./flow-sender.ts', import.meta.url).pathname
const PORTS = {
  fastnetmon: { netflow: 2055, sflow: 6343, metrics: 9219 },
  floodwarden: { netflow: 2056, sflow: 6344, metrics: 9220 },
  nfdump: { netflow: 2057, sflow: 6345 },
} as const

const AVERAGE_SECONDS = 1
const DECAY = Math.exp(-1 / AVERAGE_SECONDS)
/** Ticks of both programs before the datagrams, so that their first one is behind them. */
const SETTLE_MS = 1500
/** Averages fall by e each tick: of 200,000 packets nothing is left after fifteen; the rest is worked out. */
const FADE_MS = 8000
const POLL_MS = 100
const MEGABIT_BITS = 1_000_000

/** Plays all cases in `folder`; takes everything down at the end. */
export async function playFlows(folder: string): Promise<Counted> {
  await using lab = await Lab.create(mirrorPlan())
  const theirs = writeConf(folder, 'fastnetmon')
  const ours = writeConf(folder, 'floodwarden')
  await using _peer = await FastnetmonPeer.start({
    lab,
    role: 'detector',
    folder: theirs.folder,
    config: theirs.config,
    ready: 'sflow: plugin will listen on',
  })
  await using daemon = await RunningDaemon.start({
    state: join(ours.folder, 'state'),
    words: ['--config', ours.config],
    spawn: (argv, options) => lab.spawn('detector', withOwnVarLog(ours.folder, argv), options),
  })
  const [nfcapd, sfcapd] = (['nfcapd', 'sfcapd'] as const).map(
    program =>
      new Capd({
        ...{ lab, role: 'detector', program, folder: join(folder, program) },
        port: PORTS.nfdump[program === 'nfcapd' ? 'netflow' : 'sflow'],
      }),
  ) as [Capd, Capd]
  await sleep(SETTLE_MS)
  const watching = Promise.all([
    watch(series => readScreens(theirs.screens, series)),
    watch(series => askFor(daemon, series)),
  ])
  await post(lab, folder)
  const [theirSeries, ourSeries] = await watching
  const pairs = new Map([...(await nfcapd.end()), ...(await sfcapd.end())])
  return FLOW_CASES.map(({ host, direction }) => ({
    floodwarden: countOf(ourSeries.get(`${direction} ${host}`)),
    fastnetmon: countOf(theirSeries.get(`${direction} ${host}`)),
    nfdump: pairs.get(pairOf(host, direction)) ?? { packets: 0, bytes: 0 },
  }))
}

function pairOf(host: string, direction: 'incoming' | 'outgoing'): string {
  const outside = host.includes(':') ? '2001:db8:ffff::7' : '198.18.0.7'
  return direction === 'incoming' ? `${outside} ${host}` : `${host} ${outside}`
}

/** Each case from an address of its own, so that it is an exporter of its own. */
async function post(lab: Lab, folder: string): Promise<void> {
  const file = join(folder, 'posts.json')
  const posts = FLOW_CASES.map(({ kind, datagrams }, at) => ({
    from: `127.0.1.${at + 1}`,
    ports: [PORTS.fastnetmon[kind], PORTS.floodwarden[kind], PORTS.nfdump[kind]],
    datagrams: datagrams.map(bytes => Buffer.from(bytes).toString('base64')),
  }))
  writeFileSync(file, JSON.stringify(posts))
  await mustRun(['ip', 'netns', 'exec', lab.namespace('detector'), process.execPath, SENDER, file])
}

interface Side {
  readonly folder: string
  readonly config: string
  readonly screens: readonly string[]
}

function writeConf(parent: string, name: 'fastnetmon' | 'floodwarden'): Side {
  const folder = join(parent, name)
  mkdirSync(folder)
  const file = (which: string): string => join(folder, which)
  const screens = [file('screen4.dat'), file('screen6.dat')]
  const config = file('fastnetmon.conf')
  const ports = PORTS[name]
  writeFileSync(file('networks_list'), '10.99.1.0/24\n2001:db8:99::/48\n')
  writeFileSync(file('networks_whitelist'), '')
  const lines = [
    ...['logging_level = info', 'disable_usage_report = on', 'enable_api = off'],
    ...['monitor_local_ip_addresses = off', 'enable_ban = off', 'sort_parameter = packets'],
    ...[
      `average_calculation_time = ${AVERAGE_SECONDS}`,
      'speed_calculation_delay = 1',
      'check_period = 1',
      'max_ips_in_list = 30',
    ],
    ...['netflow = on', 'netflow_host = 127.0.0.1', `netflow_port = ${ports.netflow}`],
    ...['sflow = on', 'sflow_host = 127.0.0.1', `sflow_port = ${ports.sflow}`],
    ...[`networks_list_path = ${file('networks_list')}`, `white_list_path = ${file('networks_whitelist')}`],
    ...[`pid_path = ${file('pid')}`, 'notify_script_path = /bin/true'],
    ...[`cli_stats_file_path = ${screens[0]}`, `cli_stats_ipv6_file_path = ${screens[1]}`],
    ...['prometheus = on', 'prometheus_host = 127.0.0.1', `prometheus_port = ${ports.metrics}`],
  ]
  writeFileSync(config, `${lines.join('\n')}\n`)
  return { folder, config, screens }
}

/** Averages of hosts, tick by tick, by direction and host. */
type Series = Map<string, Average[]>

interface Average {
  readonly pps: number
  readonly bps: number
}

/** Looks until all has faded. */
async function watch(look: (series: Series) => void | Promise<void>): Promise<Series> {
  const series: Series = new Map()
  for (const end = performance.now() + FADE_MS; performance.now() < end; await sleep(POLL_MS))
    await look(series)
  return series
}

/** An average that is as before is that of the same tick. */
function add(series: Series, key: string, average: Average): void {
  const averages = series.get(key) ?? []
  series.set(key, averages)
  if (averages.at(-1)?.pps !== average.pps) averages.push(average)
}

async function askFor(daemon: RunningDaemon, series: Series): Promise<void> {
  const traffic = await daemon.call(ROUTES.traffic, { limit: 100 })
  for (const direction of ['incoming', 'outgoing'] as const) {
    for (const { host, packets, bits } of traffic[direction].hosts)
      add(series, `${direction} ${host}`, { pps: packets, bps: bits })
  }
}

const TITLE = /^(Incoming|Outgoing|Internal|Other) traffic\t/
const HOST = /^([0-9a-f.:]+)\t+ *(\d+) pps +(\d+) mbps/
/** Follows the last host: a file without it is being written. */
const END = /^Other traffic.*$/m

function readScreens(screens: readonly string[], series: Series): void {
  for (const screen of screens) {
    const text = existsSync(screen) ? readFileSync(screen, 'utf8') : ''
    if (!END.test(text)) continue
    let direction = ''
    for (const line of text.split('\n')) {
      direction = TITLE.exec(line)?.[1]?.toLowerCase() ?? direction
      const found = HOST.exec(line)
      if (found === null) continue
      const average = { pps: Number(found[2]), bps: Number(found[3]) * MEGABIT_BITS }
      add(series, `${direction} ${shortAddress(found[1]!)}`, average)
    }
  }
}

/** The screen of IPv6 writes zeros before the digits of a group. */
const shortAddress = (text: string): string => text.replaceAll(/(?<![0-9a-f])0+(?=[0-9a-f])/g, '')

function countOf(averages: readonly Average[] = []): Count {
  const sum = (value: (average: Average) => number): number => {
    const last = averages.at(-1)
    const rest = last === undefined ? 0 : (value(last) * DECAY) / (1 - DECAY)
    return averages.reduce((total, average) => total + value(average), rest)
  }
  return {
    packets: Math.round(sum(({ pps }) => pps)),
    bytes: Math.round(sum(({ bps }) => bps) / 8),
  }
}
