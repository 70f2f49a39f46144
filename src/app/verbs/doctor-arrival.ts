// Why no datagram comes, as far as the kernel of this machine knows: another port, another program, the check of the way back.

import type { TelemetryListener } from '#api/contract/exporters.ts'
import { grouped } from '#lib/number-text.ts'
import {
  type Arrival,
  type Cause,
  portOf,
  portsText,
  shownOf,
  type Trouble,
  warning,
} from './doctor-cause.ts'

/** A moment without a datagram is normal for exporters that once were heard: so many elsewhere are not. */
const ELSEWHERE_MIN = 5

const isUdp = ({ receiver }: TelemetryListener): boolean => receiver === 'batch' || receiver === 'dgram'

const elsewhere: Cause = ({ exporters: { listeners }, arrival }) => {
  const absent = [...new Set(listeners.filter(isUdp).map(portOf))].filter(
    port => port !== 0 && arrival?.later.udpPorts?.includes(port) === false,
  )
  if (absent.length === 0) return []
  return [
    warning(
      `nobody has ${portsText(absent)} here, where doctor runs, but the daemon listens on it`,
      'the daemon is in another network namespace: run doctor there (docker exec, nsenter -n -t PID, ip netns exec), so that it sees the counters of the kernel that matter',
    ),
  ]
}

/** Sockets with the same port take each a part of the datagrams, or the one with the more precise address takes all. */
const sharedPort: Cause = ({ exporters: { listeners }, arrival }) => {
  const ours = Map.groupBy(listeners.filter(isUdp), portOf)
  const shared = [...ours].flatMap(([port, same]) => {
    const sockets = arrival?.later.udpPorts?.filter(bound => bound === port).length ?? 0
    return port !== 0 && sockets > same.length
      ? [`port ${port} has ${sockets} sockets, ${same.length} of them ours`]
      : []
  })
  if (shared.length === 0) return []
  return [
    warning(
      `another program takes datagrams of the same port: ${shownOf(shared)}`,
      'ss -lunp shows which; end it, or give it another port',
    ),
  ]
}

const wrongPort: Cause = ({ exporters: { listeners }, arrival }) => {
  if (arrival === undefined || isElsewhere(listeners, arrival)) return []
  const { earlier, later, seconds } = arrival
  const came = grownBy(earlier.noPorts, later.noPorts)
  const silent = silentOf(listeners.filter(isUdp), arrival, came)
  if (came === 0 || silent.length === 0) return []
  return [
    warning(
      `${grouped(came)} datagrams came in ${seconds} s to UDP ports that nobody listens on, none to ${portsText(silent.map(portOf))} (NoPorts of Udp and Udp6: ${grouped(later.noPorts ?? 0)})`,
      `likely the exporter sends to another port: have it send to ${portsText(listeners.filter(isUdp).map(portOf))}, or list its port in telemetry.listen; tcpdump -ni any 'icmp[0] = 3 or (icmp6 and ip6[40] = 1)' names the port in our answers`,
    ),
  ]
}

const reversePath: Cause = ({ exporters: { listeners }, arrival }) => {
  if (arrival === undefined || isElsewhere(listeners, arrival)) return []
  const { earlier, later, seconds } = arrival
  const dropped = grownBy(earlier.reversePathDrops, later.reversePathDrops)
  const silent = silentOf(listeners, arrival, dropped)
  if (silent.length === 0) return []
  const checked = [...later.reversePath].filter(([, value]) => value !== 0)
  const strict = checked.filter(([, value]) => value === 1)
  const total = later.reversePathDrops
  if (dropped > 0) {
    const told = `${grouped(dropped)} packets in ${seconds} s, ${grouped(total ?? 0)} in all (IPReversePathFilter)`
    return [dropsFound(`${told}, while none comes to ${portsText(silent.map(portOf))}`, checked)]
  }
  // A counter that stands at 0 says that it was hardly this: only neighbours' questions by ARP are refused uncounted.
  if (strict.length === 0 || total === 0) return []
  const since = total === undefined ? 'how many it drops is not told' : `it has dropped ${grouped(total)}`
  return [
    warning(
      `rp_filter is strict on ${shownOf(strict.map(([name]) => name))} and ${since}, while none comes to ${portsText(silent.map(portOf))}`,
      `it may drop what exporters send when the way back to them leads out elsewhere: ${LOOSEN}`,
    ),
  ]
}

/** The larger value of an interface and of all holds, so 2 for all makes a strict interface loose. */
const LOOSEN =
  'sysctl -w net.ipv4.conf.all.rp_filter=2 asks only for any way back (keep it in /etc/sysctl.d), or add a route to the exporter through the interface its datagrams come in by'

function dropsFound(told: string, checked: readonly (readonly [name: string, value: number])[]): Trouble {
  const modes = checked.map(([name, value]) => `${name} ${value === 1 ? 'strict' : 'loose'}`)
  const isLoose = checked.length > 0 && checked.every(([, value]) => value === 2)
  const remedy = isLoose
    ? 'it is loose already, so there is no way back to the exporter at all: add a route to it'
    : LOOSEN
  return warning(`rp_filter drops what comes in (${shownOf(modes)}): ${told}`, `likely the cause: ${remedy}`)
}

/** What another namespace counts says nothing of our datagrams. */
const isElsewhere = (listeners: readonly TelemetryListener[], { later }: Arrival): boolean =>
  listeners
    .filter(isUdp)
    .some(listener => portOf(listener) !== 0 && later.udpPorts?.includes(portOf(listener)) === false)

const grownBy = (earlier: number | undefined, later: number | undefined): number =>
  earlier === undefined || later === undefined ? 0 : Math.max(0, later - earlier)

/** Listeners nothing ever came to; all of them when none heard anything just now, and much was lost. */
function silentOf(
  listeners: readonly TelemetryListener[],
  { earlierListeners }: Arrival,
  lost: number,
): readonly TelemetryListener[] {
  const open = listeners.filter(({ receiver }) => receiver !== 'none')
  const sum = (some: readonly TelemetryListener[]) =>
    some.reduce((total, { datagrams }) => total + datagrams, 0)
  const before = earlierListeners.filter(({ listen }) => open.some(one => one.listen === listen))
  if (lost >= ELSEWHERE_MIN && sum(open) === sum(before)) return open
  // Several workers share a port: an exporter is heard by one of them.
  const heard = new Set(open.filter(({ datagrams }) => datagrams > 0).map(({ listen }) => listen))
  return open.filter(({ listen }) => !heard.has(listen))
}

export const ARRIVAL_CAUSES: readonly Cause[] = [elsewhere, sharedPort, wrongPort, reversePath]
