// A protection room with a back end that remembers, for tests.

import { exampleAttack } from '#5-evidence/example.ts'
import type { CountermeasureName } from '#6-policy/countermeasure.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { SILENT } from '#lib/log/logger.ts'
import { configSchema, type ResolvedConfig } from '../config/config.ts'
import type { BackEnd, Carried, Counted, Got, Listed, Wish } from './back-end.ts'
import { ProtectionRoom } from './protection-room.ts'
import type { PrefixTraffic } from './threshold-room.ts'

export const WRITTEN = {
  networks: ['10.0.0.0/8'],
  protection: {
    profiles: {
      web: {
        prefixes: ['10.0.0.0/24'],
        tags: ['customer:7'],
        countermeasures: {
          acl: { rules: [{ verdict: 'drop', match: 'protocol =icmp' }] },
          'source-limit': { packetsPerSecond: 100 },
          'temporary-blacklist': { ttlSeconds: 60, progressive: {} },
        },
      },
    },
  },
}

export const configOf = (written: object = WRITTEN): ResolvedConfig => {
  const config = configSchema.parse(written)
  return { ...config, networks: config.networks === 'own' ? [] : config.networks }
}

export class FakeBackEnd implements BackEnd {
  readonly name = 'nftables'
  readonly place = 'a test'
  /** What is in place, in words; `undefined`: nothing of ours. */
  held: string | undefined
  applied = 0
  removed = 0
  /** What comes instead of doing it. */
  failure: string | undefined
  counted: Counted[] = []
  countFailure: string | undefined
  listed: Listed[] = []
  readonly blocks: (readonly [string, number])[] = []

  apply({ desired }: Wish): Promise<Carried> {
    this.applied++
    if (this.failure !== undefined) return Promise.resolve({ kind: 'failed', error: this.failure })
    const text = desired
      .map(({ profile: { id }, isOn, modes }) => `${id} ${isOn ? onText(modes) : 'off'}`)
      .join('; ')
    const isChanged = text !== this.held
    this.held = text
    return Promise.resolve({ kind: 'done', isChanged, notes: [] })
  }

  remove(): Promise<Carried> {
    this.removed++
    if (this.failure !== undefined) return Promise.resolve({ kind: 'failed', error: this.failure })
    const isChanged = this.held !== undefined
    this.held = undefined
    return Promise.resolve({ kind: 'done', isChanged, notes: [] })
  }

  preview({ desired }: Wish): string {
    return desired.map(({ profile: { id }, modes }) => `${id} ${onText(modes)}\n`).join('')
  }

  counts(): Promise<Got<readonly Counted[]>> {
    if (this.countFailure !== undefined) return Promise.resolve({ kind: 'failed', error: this.countFailure })
    return Promise.resolve({ kind: 'done', value: this.counted })
  }

  blocked(): Promise<Got<readonly Listed[]>> {
    return Promise.resolve({ kind: 'done', value: this.listed })
  }

  block(_profile: unknown, sources: readonly string[], seconds: readonly number[]): Promise<Got<null>> {
    for (const [at, source] of sources.entries()) this.blocks.push([source, seconds[at] ?? 0])
    return Promise.resolve({ kind: 'done', value: null })
  }

  unblock(_profile: unknown, sources: readonly string[]): Promise<Got<number>> {
    return Promise.resolve({ kind: 'done', value: sources.length })
  }

  owed(): number {
    return 0
  }
}

const onText = (modes: object): string =>
  Object.entries(modes)
    .filter(([, mode]) => mode !== 'off')
    .map(([name, mode]) => (mode === 'on' ? name : `${name}?`))
    .join(' ')

export function roomOf(written: object = WRITTEN, backEnd = new FakeBackEnd()) {
  const kept = new Map<string, unknown>()
  const clock = { now: 1_000_000 }
  const traffic: { now: PrefixTraffic } = { now: { packets: 0, bits: 0 } }
  const store = new MitigationLedger()
  let config = configOf(written)
  const troubles: string[] = []
  const room = new ProtectionRoom({
    ...{ config: () => config, stateDirectory: '/nonexistent', store, log: SILENT },
    keep: (key, value) => kept.set(key, structuredClone(value)),
    trafficOf: lists => Promise.resolve(lists.map(() => traffic.now)),
    now: () => clock.now,
    makeBackEnd: () => backEnd,
    trouble: text => troubles.push(text),
  })
  const reload = (changed: object) => {
    config = configOf(changed)
    room.reconfigure()
  }
  return { room, backEnd, kept, clock, traffic, store, reload, troubles }
}

export const mitigationOf = (
  id: string,
  countermeasure: CountermeasureName,
  host = '10.0.0.7',
): Mitigation => ({
  ...{
    id,
    attackId: `attack-${id}`,
    target: host,
    reason: 'a test',
    enforcer: 'nftables',
    playbook: 'p',
    step: 0,
  },
  action: {
    kind: 'countermeasure',
    enforcer: 'nftables',
    profile: 'web',
    countermeasure,
    prefix: `${host}/32`,
  },
  ...{ createdAt: 1_000_000, ttlSeconds: 300, isStanding: false, expiresAt: 1_300_000, state: 'pending' },
})

export const BRIEFING = { attack: exampleAttack(), flows: [], packets: [] }
