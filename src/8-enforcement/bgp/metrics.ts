// What the enforcers that speak BGP count, by enforcer.

import type { MetricDeclaration, MetricValue } from '#lib/metrics/metric.ts'

export const METRICS: readonly MetricDeclaration[] = [
  {
    name: 'floodwarden_bgp_up',
    kind: 'gauge',
    help: '1 while the BGP daemon takes what it is told, 0 while it does not or cannot be reached.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_desired_routes',
    kind: 'gauge',
    help: 'Prefixes and FlowSpec rules that are to be announced now.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_announced_routes',
    kind: 'gauge',
    help: 'Prefixes and FlowSpec rules the BGP daemon was told to announce and took.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_waiting_routes',
    kind: 'gauge',
    help: 'Prefixes and FlowSpec rules the BGP daemon still has to be told about: to announce or to withdraw.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_messages_total',
    kind: 'counter',
    help: 'Routes and rules the BGP daemon was told about, by kind (announce, withdraw) and result: sent, refused (it would not) or down (it was not there).',
    labels: ['enforcer', 'kind', 'result'],
  },
  {
    name: 'floodwarden_bgp_repairs_total',
    kind: 'counter',
    help: 'Routes and rules that were to be announced and were not found at the BGP daemon, or with other attributes; each was announced again.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_losses_total',
    kind: 'counter',
    help: 'Times the BGP daemon may have lost everything (it went away, its pipe is new), so that all was announced again.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_refused_for_room_total',
    kind: 'counter',
    help: 'Announcements that were refused because too many prefixes and rules are announced already.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_refused_as_unsafe_total',
    kind: 'counter',
    help: 'Announcements that were refused because the BGP daemon cannot say them, or would break itself or its sessions by them.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_orphans_total',
    kind: 'counter',
    help: 'Routes and rules with our mark that nobody wants and that were found at the BGP daemon; each was withdrawn.',
    labels: ['enforcer'],
  },
  {
    name: 'floodwarden_bgp_comparisons_total',
    kind: 'counter',
    help: 'Times what the BGP daemon holds was compared with what is desired, by result; failed: it could not be asked.',
    labels: ['enforcer', 'result'],
  },
  {
    name: 'floodwarden_bgp_session_up',
    kind: 'gauge',
    help: '1 while the BGP daemon has an established session with the neighbour, 0 while it has none or cannot be asked; at most 256 neighbours.',
    labels: ['enforcer', 'peer'],
  },
  {
    name: 'floodwarden_bgp_session_changes_total',
    kind: 'counter',
    help: 'Times a session of the BGP daemon was seen to become established or to end.',
    labels: ['enforcer', 'peer'],
  },
  {
    name: 'floodwarden_bgp_sessions_left_out_total',
    kind: 'counter',
    help: 'Reports about neighbours that are not followed because there are more than 256.',
    labels: ['enforcer'],
  },
]

const KINDS = ['announce', 'withdraw'] as const
const RESULTS = ['sent', 'refused', 'down'] as const

export class AnnouncementCounts {
  readonly #messages = new Map<string, number>()
  repairs = 0
  losses = 0
  full = 0
  unsafe = 0
  orphans = 0

  count(kind: (typeof KINDS)[number], result: (typeof RESULTS)[number]): void {
    const key = `${kind} ${result}`
    this.#messages.set(key, (this.#messages.get(key) ?? 0) + 1)
  }

  *values(
    enforcer: string,
    now: {
      readonly isUp: boolean
      readonly desired: number
      readonly told: number
      readonly waiting: number
    },
  ): Generator<MetricValue> {
    const labels = { enforcer }
    yield { name: 'floodwarden_bgp_up', value: Number(now.isUp), labels }
    yield { name: 'floodwarden_bgp_desired_routes', value: now.desired, labels }
    yield { name: 'floodwarden_bgp_announced_routes', value: now.told, labels }
    yield { name: 'floodwarden_bgp_waiting_routes', value: now.waiting, labels }
    for (const kind of KINDS) {
      for (const result of RESULTS) {
        const value = this.#messages.get(`${kind} ${result}`) ?? 0
        yield { name: 'floodwarden_bgp_messages_total', value, labels: { enforcer, kind, result } }
      }
    }
    yield { name: 'floodwarden_bgp_repairs_total', value: this.repairs, labels }
    yield { name: 'floodwarden_bgp_losses_total', value: this.losses, labels }
    yield { name: 'floodwarden_bgp_refused_for_room_total', value: this.full, labels }
    yield { name: 'floodwarden_bgp_refused_as_unsafe_total', value: this.unsafe, labels }
    yield { name: 'floodwarden_bgp_orphans_total', value: this.orphans, labels }
  }
}
