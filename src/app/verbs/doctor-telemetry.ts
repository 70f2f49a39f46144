// What doctor says of flow telemetry: a table of causes, each with what it saw and what to do about it.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { closeUdpSocket, openUdpSocket } from '#1-capture/udp/socket.ts'
import type { ExporterDomain, TelemetryListener } from '#api/contract/exporters.ts'
import { durationText } from '#lib/clock/local-time.ts'
import { SystemCallError } from '#lib/linux/libc.ts'
import { formatListenAddress } from '#lib/listen-address.ts'
import { errorText } from '#lib/log/facts.ts'
import { grouped, percentText } from '#lib/number-text.ts'
import type { ResolvedConfig } from '../config/config.ts'
import { listenerPlans, listenText, streamPlans } from '../telemetry/sockets.ts'
import type { Finding } from './doctor.ts'
import { ARRIVAL_CAUSES } from './doctor-arrival.ts'
import {
  bad,
  type Cause,
  each,
  portOf,
  SHOWN_MAX,
  shownOf,
  type TelemetrySeen,
  warning,
} from './doctor-cause.ts'
import { FLOW_CAUSES } from './doctor-flows.ts'

/** An exporter that was heard is missed after so long: routers send something at least every minute. */
const SILENT_SECONDS = 120
/** Clocks that are set by NTP differ by less; so do ways through a network. */
const SKEW_SECONDS = 30
/** A loss worth a word. */
const LOST_SHARE = 0.001
/** Flows that are told of later than this make detection as late. */
const LATE_SECONDS = 15

const ofFlows = ({ protocol }: ExporterDomain): boolean => protocol !== 'sflow'

const notListening: Cause = ({ exporters: { listeners } }) =>
  listeners.flatMap(({ listen, problem }) =>
    problem === undefined ? [] : [bad(problem, `free the port, or name another one instead of ${listen}`)],
  )

const smallQueue: Cause = ({ config, exporters: { listeners } }) => {
  const wanted = config.telemetry.receiveMegabytes << 20
  const small = listeners.filter(({ queueBytes }) => queueBytes > 0 && queueBytes < wanted / 2)
  if (small.length === 0) return []
  const found = small.map(({ listen, queueBytes }) => `${listen} has ${queueBytes >> 10} KiB`).join(', ')
  const remedy = `sysctl -w net.core.rmem_max=${wanted}, or start with CAP_NET_ADMIN; the daemon gives it up again`
  return [
    warning(
      `the queue is smaller than the ${wanted >> 10} KiB of telemetry.receiveMegabytes: ${found}`,
      remedy,
    ),
  ]
}

const socketDrops: Cause = ({ exporters: { listeners } }) => {
  const dropping = listeners.filter(({ dropped }) => dropped > 0)
  if (dropping.length === 0) return []
  const found = dropping.map(
    ({ listen, dropped, datagrams }) => `${grouped(dropped)} of ${grouped(dropped + datagrams)} on ${listen}`,
  )
  const remedy = 'raise telemetry.receiveMegabytes, then telemetry.workers'
  return [bad(`the kernel dropped datagrams because a queue was full: ${found.join(', ')}`, remedy)]
}

/** Several workers share a port: an exporter is heard by one of them. */
const nothingArrives: Cause = ({ exporters: { listeners } }) => {
  const heard = new Set(listeners.filter(({ datagrams }) => datagrams > 0).map(({ listen }) => listen))
  const silent = listeners.filter(({ receiver, listen }) => receiver !== 'none' && !heard.has(listen))
  if (silent.length === 0) return []
  const places = [...new Set(silent.map(placeOf))]
  const isUdpAmong = silent.some(({ receiver }) => receiver !== 'tcp')
  const drops = isUdpAmong
    ? 'a firewall or rp_filter drops them (nft list ruleset, sysctl net.ipv4.conf.all.rp_filter)'
    : 'a firewall drops them (nft list ruleset)'
  return [
    warning(
      `no datagram has come to ${places.map(place => place.replace('udp ', '')).join(', ')}`,
      `tcpdump -ni any '${places.join(' or ')}' shows whether they reach this machine: if they do, ${drops}; if not, look at the address and port the exporter sends to`,
    ),
  ]
}

/** As tcpdump has it. */
const placeOf = (listener: TelemetryListener): string =>
  `${listener.receiver === 'tcp' ? 'tcp' : 'udp'} port ${portOf(listener)}`

const CLOSED_WORDS = {
  unlisted: 'of exporters that are not listed',
  overflow: 'beyond the bound of connections',
  malformed: 'that brought something else than IPFIX',
  idle: 'without a message for ten minutes',
} as const
const CLOSED_REMEDIES = {
  unlisted: 'add the exporters to telemetry.exporters',
  overflow: 'have each exporter keep one connection, or give some another address of telemetry.tcp',
  malformed: 'set the exporter to IPFIX over TCP without TLS',
  idle: 'have the exporter send its templates again every few minutes',
} as const
const CLOSED_KINDS = ['unlisted', 'overflow', 'malformed', 'idle'] as const

const closedConnections: Cause = ({ exporters: { listeners } }) => {
  const closed = listeners.flatMap(({ listen, connections }) =>
    CLOSED_KINDS.filter(kind => (connections?.[kind] ?? 0) > 0).map(kind => ({
      kind,
      text: `${grouped(connections?.[kind] ?? 0)} ${CLOSED_WORDS[kind]} on ${listen}`,
    })),
  )
  if (closed.length === 0) return []
  const kinds = CLOSED_KINDS.filter(kind => closed.some(found => found.kind === kind))
  return [
    warning(
      `connections were closed: ${shownOf(closed.map(({ text }) => text))}`,
      kinds.map(kind => CLOSED_REMEDIES[kind]).join('; '),
    ),
  ]
}

const strayOnly: Cause = ({ exporters: { listeners } }) => {
  const stray = listeners.filter(({ stray: count }) => count > 0)
  if (stray.length === 0) return []
  const found = stray.map(({ listen, stray: count }) => `${grouped(count)} on ${listen}`).join(', ')
  return [
    warning(
      `datagrams are neither sFlow v5 nor NetFlow v5, v9 or IPFIX: ${found}`,
      'set the exporter to one of these versions; or something else sends to the port',
    ),
  ]
}

const notAllowed: Cause = ({ exporters: { refused, refusedDatagrams } }) => {
  if (refusedDatagrams === 0) return []
  const found = refused
    .slice(0, SHOWN_MAX)
    .map(({ address, datagrams }) => `${address} (${grouped(datagrams)})`)
  return [
    warning(
      `${grouped(refusedDatagrams)} datagrams are of exporters that are not listed: ${found.join(', ')}`,
      'add them to telemetry.exporters, or keep them away by a firewall',
    ),
  ]
}

const tooMany: Cause = ({ config, exporters: { overflowDatagrams } }) =>
  overflowDatagrams === 0
    ? []
    : [
        warning(
          `${grouped(overflowDatagrams)} datagrams are of exporters beyond telemetry.exportersMax (${config.telemetry.exportersMax})`,
          'list those you know under telemetry.exporters; or raise the bound',
        ),
      ]

const silentExporters: Cause = seen =>
  each(
    seen,
    ({ lastSeen }) => {
      const seconds = (seen.nowMs - Date.parse(lastSeen)) / 1000
      return seconds > SILENT_SECONDS ? `for ${durationText(seconds)}` : undefined
    },
    list =>
      warning(
        `no longer heard: ${list}`,
        'is it up, does it still export, and is there a way from it to here',
      ),
  )

const unknownTemplates: Cause = seen =>
  each(
    seen,
    ({ waiting, lostSets }) =>
      waiting + lostSets === 0 ? undefined : `${grouped(waiting)} sets waiting, ${grouped(lostSets)} lost`,
    list =>
      warning(
        `data came before its template: ${list}`,
        'normal for a while after a start; else have the exporter repeat its templates each minute (template timeout-rate, template-refresh-rate)',
      ),
  )

const noSamplingRate: Cause = seen =>
  each(
    seen,
    ({ domains }) => {
      const untold = domains.filter(domain => ofFlows(domain) && domain.samplingRateFrom === 'none')
      return untold.length === 0 ? undefined : `domain ${untold.map(({ id }) => id).join(' ')}`
    },
    list =>
      warning(
        `no sampling rate is told, so each reported packet counts once: ${list}`,
        'if it samples, have it export the rate (sampler options) or set samplingRate in telemetry.exporters; if it does not, set samplingRate: 1',
      ),
  )

const lostOnTheWay: Cause = seen =>
  each(
    seen,
    ({ lostDatagrams, lostRecords, datagrams, records }) => {
      const share = Math.max(
        lostDatagrams / Math.max(1, datagrams + lostDatagrams),
        lostRecords / Math.max(1, records + lostRecords),
      )
      return share < LOST_SHARE ? undefined : `lost ${percentText(share * 100)}`
    },
    list =>
      warning(
        `sequence numbers have gaps: ${list}`,
        'if no drops are told here, they are lost on the way: look at the links and at policers for traffic of the router itself',
      ),
  )

const malformed: Cause = seen =>
  each(
    seen,
    ({ malformed: count }) => (count === 0 ? undefined : `${grouped(count)}`),
    list =>
      warning(`datagrams with a form that cannot be: ${list}`, 'a capture of them helps us: tcpdump -w'),
  )

const clockSkew: Cause = seen =>
  each(
    seen,
    ({ domains }) => {
      const worst = domains
        .map(({ skewSeconds }) => skewSeconds)
        .toSorted((a, b) => Math.abs(b) - Math.abs(a))[0]
      return worst === undefined || Math.abs(worst) <= SKEW_SECONDS
        ? undefined
        : `${durationText(Math.abs(worst))} ${worst > 0 ? 'behind' : 'ahead'}`
    },
    list =>
      warning(
        `clocks are off: ${list}`,
        'set them by NTP; attacks are judged by when records arrive all the same',
      ),
  )

const lateRecords: Cause = seen =>
  each(
    seen,
    ({ domains }) => {
      const told = domains
        .filter(ofFlows)
        .map(domain => Math.max(domain.activeTimeoutSeconds, domain.longestSeconds))
      const longest = Math.max(0, ...told)
      return longest <= LATE_SECONDS ? undefined : `${durationText(longest)}`
    },
    list =>
      warning(
        `flows are told of late, and attacks found as late: ${list}`,
        `set the active timeout to ${LATE_SECONDS} s or less, and the inactive one too; of flows longer than telemetry.spreadSeconds a part is not counted`,
      ),
  )

const CAUSES: readonly Cause[] = [
  notListening,
  smallQueue,
  socketDrops,
  nothingArrives,
  ...ARRIVAL_CAUSES,
  closedConnections,
  strayOnly,
  notAllowed,
  tooMany,
  silentExporters,
  unknownTemplates,
  noSamplingRate,
  lostOnTheWay,
  malformed,
  clockSkew,
  lateRecords,
  ...FLOW_CAUSES,
]

const NAME = 'flow telemetry'

/** By what the running daemon knows: every cause that was found, or one line that says all is well. */
export function telemetryFindings(seen: TelemetrySeen): Finding[] {
  const troubles = CAUSES.flatMap(cause => cause(seen)).map(trouble => ({ name: NAME, ...trouble }))
  if (troubles.length > 0) return troubles
  const { total, listeners } = seen.exporters
  const datagrams = listeners.reduce((sum, listener) => sum + listener.datagrams, 0)
  return [
    { name: NAME, verdict: 'ok', detail: `${grouped(datagrams)} datagrams of ${total} exporters, none lost` },
  ]
}

/** Without a daemon: whether the sockets could be opened. */
export function socketFindings({ telemetry }: ResolvedConfig): Finding[] {
  return listenerPlans({ ...telemetry, workers: 1 }).map(plan => {
    const place = formatListenAddress(plan.listen)
    try {
      const socket = openUdpSocket({ ...plan, waitMs: 1 })
      closeUdpSocket(socket)
      return { name: NAME, verdict: 'ok', detail: `${place} can be received on` }
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error
      return { name: NAME, verdict: 'bad', detail: `cannot receive on ${place}: ${error.message}` }
    }
  })
}

/** The same for IPFIX over TCP. */
export async function streamFindings({ telemetry }: ResolvedConfig): Promise<Finding[]> {
  return Promise.all(
    streamPlans(telemetry).map(async (plan): Promise<Finding> => {
      const { listen, ipv6Only } = plan
      const server = createServer()
      try {
        server.listen({ ...listen, ipv6Only })
        await once(server, 'listening')
        return { name: NAME, verdict: 'ok', detail: `${listenText(plan)} can be received on` }
      } catch (error) {
        const detail = `cannot receive on ${listenText(plan)}: ${errorText(error)}`
        return { name: NAME, verdict: 'bad', detail }
      } finally {
        server.close()
      }
    }),
  )
}
