// The daemon as FastNetMon's gRPC interface sees it: the orders of everybody else, with `grpc` in the audit.

import type { FastnetmonDesk, Ordered } from '#compat/fastnetmon/api/desk.ts'
import type { FastnetmonNumbers } from '#compat/fastnetmon/metrics.ts'
import type { AttackBook } from './attack-book.ts'
import type { ControlRoom } from './control-room.ts'

/** What is told without an order. */
interface Told {
  readonly book: AttackBook
  readonly status: { fastnetmonNumbers(): FastnetmonNumbers }
  /** Brings the numbers up to date. */
  refresh(): Promise<unknown>
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
    totals: async () => {
      await daemon.refresh()
      return daemon.status.fastnetmonNumbers().totals
    },
  }
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
