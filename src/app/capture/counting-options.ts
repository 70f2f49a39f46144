// How packets are counted, from the configuration: the same live and in a replay.

import type { ExemptConfig } from '#3-traffic/exempt.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { CaptureTask } from './task.ts'

export function countingOf(config: ResolvedConfig, seed: number): CaptureTask['counting'] {
  const { traffic, capture } = config
  return {
    hostsMax: traffic.hostsMax,
    seed,
    incoming: traffic.incoming,
    outgoing: traffic.outgoing,
    internal: traffic.internal,
    flows: traffic.flows,
    lengthFromIp: capture.length === 'ip',
    innerTunnels: capture.tunnels === 'inner',
    // Flow windows without traffic after which a host gives its memory back.
    idleWindows: Math.max(3, Math.ceil(traffic.idleSeconds / traffic.speedSeconds)),
  }
}

/** What is left out of counting. */
export const exemptOf = ({ whitelistSources, whitelistRules }: ResolvedConfig): ExemptConfig => ({
  whitelistSources,
  whitelistRules,
})

/** What is left out by either of two configurations: nobody is judged by what only one of them counts. */
export const exemptOfBoth = (one: ResolvedConfig, other: ResolvedConfig): ExemptConfig => ({
  whitelistSources: [...one.whitelistSources, ...other.whitelistSources],
  whitelistRules: [...one.whitelistRules, ...other.whitelistRules],
})
