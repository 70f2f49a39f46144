// A daemon made of examples, for tests of the API and of its clients. It bans and unbans, and remembers who asked.

import type { Ban } from './contract/ban.ts'
import {
  EXAMPLE_ARMING,
  EXAMPLE_ATTACK,
  EXAMPLE_AUDIT,
  EXAMPLE_BAN,
  EXAMPLE_EXPLANATION,
  EXAMPLE_EXPORTERS,
  EXAMPLE_HEALTH,
  EXAMPLE_LIMIT,
  EXAMPLE_LIMITS,
  EXAMPLE_RELOAD,
  EXAMPLE_REPORT,
  EXAMPLE_SIMULATION,
  EXAMPLE_STATUS,
  EXAMPLE_TRAFFIC,
  EXAMPLE_VERDICT,
} from './contract/examples.ts'
import { EXAMPLE_INTERFACES } from './contract/examples-resources.ts'
import type { Caller, Control } from './control.ts'

export interface FakeControl extends Control {
  /** Callers of ban and unban, in order. */
  readonly callers: Caller[]
}

/** A control with one open attack on 10.99.1.1; hosts in 8.0.0.0/8 are not ours. */
export function fakeControl(changes: Partial<Control> = {}): FakeControl {
  const bans = new Map<string, Ban>([[EXAMPLE_BAN.host, EXAMPLE_BAN]])
  const callers: Caller[] = []
  return {
    callers,
    status: () => EXAMPLE_STATUS,
    health: () => EXAMPLE_HEALTH,
    traffic: ({ sort = EXAMPLE_TRAFFIC.sort, limit = EXAMPLE_TRAFFIC.limit }) => ({
      ...{ ...EXAMPLE_TRAFFIC, sort, limit },
      incoming: { ...EXAMPLE_TRAFFIC.incoming, hosts: EXAMPLE_TRAFFIC.incoming.hosts.slice(0, limit) },
    }),
    attacks: () => ({ attacks: [EXAMPLE_ATTACK], total: 1 }),
    attack: id => (id === EXAMPLE_ATTACK.id ? EXAMPLE_REPORT : undefined),
    explain: subject => (subject === 'mi0-0' ? undefined : EXAMPLE_EXPLANATION),
    bans: () => ({ bans: [...bans.values()], total: bans.size }),
    ban(request, by) {
      callers.push(by)
      if (request.host.startsWith('8.')) {
        return { kind: 'refused', code: 'outside-networks', detail: `${request.host} is in no network` }
      }
      if (bans.has(request.host)) return { kind: 'refused', code: 'already-banned', detail: 'since 10:11:49' }
      const ban: Ban = {
        ...EXAMPLE_BAN,
        host: request.host,
        origin: 'manual',
        why: 'an operator asked for it',
      }
      bans.set(request.host, ban)
      return { kind: 'done', value: ban }
    },
    unban(host, by) {
      callers.push(by)
      const ban = bans.get(host)
      if (ban === undefined) return { kind: 'refused', code: 'not-banned', detail: `${host} is under no ban` }
      bans.delete(host)
      return { kind: 'done', value: ban }
    },
    reload: by => {
      callers.push(by)
      return { kind: 'done', value: EXAMPLE_RELOAD }
    },
    simulate: () => ({ kind: 'done', value: EXAMPLE_SIMULATION }),
    arming: () => ({ kind: 'done', value: EXAMPLE_ARMING }),
    arm({ armed }, by) {
      callers.push(by)
      return { kind: 'done', value: { ...EXAMPLE_ARMING, armed, from: 'order' } }
    },
    limits: () => ({ kind: 'done', value: EXAMPLE_LIMITS }),
    decideLimits({ places }, by) {
      callers.push(by)
      if (!places.includes('caches'))
        return {
          kind: 'refused',
          code: 'unknown-limit',
          detail: `no learned limit is at ${places.join(' ')}`,
        }
      return { kind: 'done', value: { limits: [EXAMPLE_LIMIT] } }
    },
    exporters: () => EXAMPLE_EXPORTERS,
    interfaces: ({ address }) => (address === EXAMPLE_INTERFACES.address ? EXAMPLE_INTERFACES : undefined),
    audit: () => ({ entries: [EXAMPLE_AUDIT] }),
    verifyAudit: () => ({ kind: 'done', value: EXAMPLE_VERDICT }),
    backUp: by => {
      callers.push(by)
      return { kind: 'refused', code: 'state-unavailable', detail: 'the disk is full' }
    },
    ...changes,
  }
}
