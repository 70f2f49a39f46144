// `status`: what the daemon is, what it does and how it fares.

import type { Command } from 'commander'
import { ROUTES } from '#api/contract/routes.ts'
import type { EnforcerFacts, Status, TelemetrySocket } from '#api/contract/status.ts'
import { durationText, momentText } from '#lib/clock/local-time.ts'
import { grouped, percentText } from '#lib/number-text.ts'
import { type AskFlags, ask } from '../ask.ts'
import { addJson, addState, addVerb, type Context } from '../context.ts'
import { table } from '../table.ts'

const EXAMPLES = ['status', 'status --json', 'status --state /srv/floodwarden']

export function addStatus(program: Command, context: Context): void {
  addState(addJson(addVerb(program, 'status', 'say what the daemon does and how it fares', EXAMPLES))).action(
    (flags: AskFlags) => ask(context, flags, ROUTES.status, {}, statusText),
  )
}

/** The status for people. */
export function statusText(status: Status): string {
  const armed = status.armed ? 'armed' : 'dry run: nothing is carried out'
  const rows = [
    ['mode', `${status.mode}, ${armed}`],
    ['settings', status.origin.file ?? 'none: built-in defaults'],
    ['state', status.stateDirectory],
    ['networks', grouped(status.networks)],
    ['received', receivedText(status)],
    ...(status.exemptPackets === 0 ? [] : [['exempt', exemptText(status.exemptPackets)]]),
    ['hosts', hostsText(status.hosts)],
    ['attacks', `${grouped(status.activeAttacks)} open`],
    ...status.warnings.map(warning => ['warning', warning]),
  ]
  const title = `Floodwarden ${status.version}, up ${durationText(status.uptimeSeconds)}, process ${status.pid}\n`
  return `${title}${table(rows)}${captureText(status)}${telemetryText(status.telemetry)}${enforcersText(status.enforcers)}`
}

const receivedText = (status: Status): string =>
  `${grouped(status.packetsReceived)} packets, ${grouped(status.packetsDropped)} dropped (${percentText(status.droppedPercent)})`

const exemptText = (packets: number): string =>
  `${grouped(packets)} packets, left out by whitelistSources or whitelistRules`

const hostsText = ({ tracked, evicted, refused }: Status['hosts']): string =>
  `${grouped(tracked)} counted, ${grouped(evicted)} evicted, ${grouped(refused)} refused`

function telemetryText(sockets: readonly TelemetrySocket[]): string {
  if (sockets.length === 0) return ''
  const rows = sockets.map(socket => [
    socket.isListening ? socket.listen : `${socket.listen} (not open)`,
    String(socket.worker),
    ...[socket.exporters, socket.datagrams, socket.dropped, socket.records].map(number => grouped(number)),
    grouped(socket.lostDatagrams),
    grouped(socket.lostRecords),
  ])
  const head = ['telemetry', 'worker', 'exporters', 'datagrams', 'dropped', 'records', 'lost datagrams']
  return `\n${table([[...head, 'lost records'], ...rows], [1, 2, 3, 4, 5, 6, 7])}`
}

/** Who carries mitigations out, and the BGP neighbours of those who have some. */
function enforcersText(enforcers: readonly EnforcerFacts[]): string {
  if (enforcers.length === 0) return ''
  const rows = enforcers.flatMap(({ name, actions, isVerifiable, sessions }) => [
    [name, actions.join(', '), isVerifiable ? 'yes' : 'not verifiable'],
    ...sessions.map(({ address, asn, state, since }) => [
      `  ${address}`,
      `AS ${asn}, ${state}`,
      `since ${momentText(Date.parse(since))}`,
    ]),
  ])
  return `\n${table([['enforcer', 'carries', 'held is verified'], ...rows])}`
}

function captureText({ capture: workers, telemetry }: Pick<Status, 'capture' | 'telemetry'>): string {
  if (workers.length === 0) return telemetry.length > 0 ? '' : '\nNothing is captured.\n'
  const rows = workers.map(worker => [
    worker.interface,
    String(worker.worker),
    worker.link,
    grouped(worker.packets),
    grouped(worker.dropped),
    percentText(worker.droppedPercent),
  ])
  return `\n${table([['interface', 'worker', 'link', 'packets', 'dropped', 'share'], ...rows], [1, 3, 4, 5])}`
}
