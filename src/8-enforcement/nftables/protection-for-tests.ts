// Profiles for tests: one of everything, and an nft that remembers instead of a kernel.

import { COUNTERMEASURES } from '#6-policy/countermeasure.ts'
import type { CountermeasureMode, DesiredProfile, Parameters } from '#7-mitigation/protection/profile.ts'
import type { KernelSettings } from './kernel-settings.ts'
import type { NftRequest, RunNft } from './nft-program.ts'

export const EVERYTHING: Parameters = {
  whitelist: { prefixes: ['192.0.2.1', '2001:db8:1::/48'] },
  blacklist: { prefixes: ['192.0.2.2', '10.0.0.0/8'] },
  'temporary-blacklist': { ttlSeconds: 60, isProgressive: false },
  geo: { verdict: 'drop', prefixes: ['198.51.100.0/24', '2001:db8:9::/48'] },
  'header-sanity': {},
  fragments: { packetsPerSecond: 100 },
  acl: {
    rules: [
      { verdict: 'pass', match: 'protocol =udp destination-port =53' },
      { verdict: 'drop', match: 'protocol =icmp' },
    ],
  },
  'source-limit': { packetsPerSecond: 100, bitsPerSecond: 1_000_000, per: 'source', ttlSeconds: 60 },
  'syn-proxy': {
    ...{ ports: [80, 443], mss: 1460, windowScale: 7, timestamps: true, sackPermitted: true },
    ipv6: true,
  },
  'connection-rate': { perSecond: 10, ttlSeconds: 60 },
  'connection-limit': { connections: 20 },
  'rate-limit': { packetsPerSecond: 10_000 },
  'target-rate-limit': { bitsPerSecond: 1_000_000 },
  filter: { rules: ['protocol =udp source-port =53 then discard', 'protocol =tcp then rate 100000 bytes/s'] },
}

export const wholeProfile = (
  mode: CountermeasureMode = 'on',
  parameters: Parameters = EVERYTHING,
): DesiredProfile => ({
  profile: { id: 'web', prefixes: ['203.0.113.10', '203.0.113.128/25', '2001:db8:2::/48'], parameters },
  isOn: true,
  modes: Object.fromEntries(
    COUNTERMEASURES.filter(name => parameters[name] !== undefined).map(name => [name, mode]),
  ),
})

/** Answers as it is told and keeps what it was asked. */
export class FakeNft {
  readonly asked: NftRequest[] = []
  /** JSON of our table, as nft would list it; undefined: there is none. */
  table: object[] | undefined
  /** What comes instead of an answer to a transaction. */
  refusal: string | undefined

  readonly run: RunNft = async request => {
    this.asked.push(request)
    if (request.argv.includes('-f'))
      return this.refusal === undefined ? { kind: 'done', text: '' } : { kind: 'failed', error: this.refusal }
    if (this.table === undefined)
      return {
        kind: 'failed',
        error: 'nft: Error: No such file or directory list table inet floodwarden_protect',
      }
    const name = request.argv.includes('set') ? request.argv.at(-1) : undefined
    const chosen =
      name === undefined
        ? this.table
        : this.table.filter(object => JSON.stringify(object).includes(`"${name}"`))
    return { kind: 'done', text: JSON.stringify({ nftables: [{ metainfo: {} }, ...chosen] }) }
  }

  /** Transactions that were sent, the newest last. */
  get transactions(): string[] {
    return this.asked.filter(({ argv }) => argv[0] === '-f').map(({ input = '' }) => input)
  }
}

export class FakeKernel implements KernelSettings {
  readonly values: Map<string, string>

  constructor(values: Readonly<Record<string, string>>) {
    this.values = new Map(Object.entries(values))
  }

  read(path: string): string | undefined {
    return this.values.get(path)
  }

  write(path: string, value: string): undefined {
    this.values.set(path, value)
  }
}
