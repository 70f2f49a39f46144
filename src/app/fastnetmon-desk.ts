// The daemon as FastNetMon's gRPC interface sees it: the orders of everybody else, with `grpc` in the audit.

import { INCOMING, METRIC, OUTGOING, ROW } from '#3-traffic/metric.ts'
import { CLASSES, type ClassSpeed, type FastnetmonDesk, type Ordered } from '#compat/fastnetmon/api/desk.ts'
import type { FastnetmonNumbers, TotalSpeed } from '#compat/fastnetmon/metrics.ts'
import type { AttackBook } from './attack-book.ts'
import type { ControlRoom } from './control-room.ts'
import type { NetworkRows } from './engine-worker/network-rows.ts'

/** What is told without an order. */
interface Told {
  readonly book: AttackBook
  readonly status: { fastnetmonNumbers(): FastnetmonNumbers }
  /** Brings the numbers up to date. */
  refresh(): Promise<unknown>
  networks(): Promise<NetworkRows>
}

const GRPC = { uid: undefined, pid: undefined, via: 'grpc' } as const

export function fastnetmonDesk(control: ControlRoom, daemon: Told): FastnetmonDesk {
  return {
    banned: () =>
      daemon.book
        .list('open')
        .flatMap(({ attack }) => (attack.scope === 'host' ? [attack.host] : attack.prefixes)),
    ban: async host => orderedOf(await control.ban({ host }, GRPC)),
    unban: async target => orderedOf(await control.unban(target, GRPC)),
    totals: async withClasses => {
      const [networks] = await Promise.all([withClasses ? daemon.networks() : undefined, daemon.refresh()])
      return daemon.status.fastnetmonNumbers().totals.map(total => ({
        ...total,
        classes: networks === undefined ? [] : classSpeedsOf(networks, total),
      }))
    },
  }
}

/** Where each class of FastNetMon stands in a row; its bytes follow its packets. */
const METRIC_OF: Readonly<Record<ClassSpeed['name'], number>> = {
  tcp: METRIC.tcpPackets,
  udp: METRIC.udpPackets,
  icmp: METRIC.icmpPackets,
  fragmented: METRIC.fragmentPackets,
  tcp_syn: METRIC.synPackets,
  dropped: METRIC.droppedPackets,
}

/** Sums over the widest networks of an IP version: each packet of ours once. Other directions are in no network. */
export function classSpeedsOf(
  { prefixes, rows, widest }: Pick<NetworkRows, 'prefixes' | 'rows' | 'widest'>,
  { direction, family }: Pick<TotalSpeed, 'direction' | 'family'>,
): ClassSpeed[] {
  if (direction !== 'incoming' && direction !== 'outgoing') return []
  const side = direction === 'incoming' ? INCOMING : OUTGOING
  const ours = prefixes.flatMap((prefix, network) =>
    widest[network] === 1 && prefix.includes(':') === (family === 6) ? [network * ROW * 2 + side] : [],
  )
  return CLASSES.map(name => {
    const sum = (at: number) => ours.reduce((all, base) => all + rows[base + at]!, 0)
    const metric = METRIC_OF[name]
    return { name, packetsPerSecond: sum(metric), bitsPerSecond: sum(metric + 1) * 8 }
  })
}

function orderedOf(
  done: Awaited<ReturnType<ControlRoom['ban']> | ReturnType<ControlRoom['unban']>>,
): Ordered {
  if (done.kind === 'done') return { kind: 'done' }
  switch (done.code) {
    case 'already-banned':
      return { kind: 'already' }
    case 'not-banned':
      return { kind: 'not-banned' }
    case 'outside-networks':
      return { kind: 'outside' }
    default:
      return { kind: 'refused', detail: done.detail }
  }
}
