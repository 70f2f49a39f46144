// What a capture worker is told when it starts, and what it tells in return. Counts go through shared memory.

import type { FanoutMode } from '#1-capture/af-packet/fanout.ts'
import type { LinkState } from '#1-capture/af-packet/link-watch.ts'
import type { ExemptConfig } from '#3-traffic/exempt.ts'
import type { HostTables } from '#3-traffic/host-tables.ts'

export interface CaptureTask {
  /** `undefined`: the interface of the default route, looked up until there is one. */
  readonly interface: string | undefined
  readonly worker: number
  readonly tables: HostTables
  /** Prefixes that are watched, as text. */
  readonly networks: readonly string[]
  /** What is left out of counting. */
  readonly exempt: ExemptConfig
  readonly ring: {
    readonly ringMegabytes: number
    readonly snapBytes: number
    readonly fanoutGroup: number | undefined
    readonly fanoutMode: FanoutMode
    readonly promiscuous: boolean
    readonly direction: 'ingress' | 'both'
  }
  readonly counting: {
    readonly hostsMax: number
    readonly seed: number
    readonly incoming: boolean
    readonly outgoing: boolean
    readonly internal: 'both' | 'totals'
    readonly flows: 'all' | 'tcp-udp-v4' | 'off'
    readonly lengthFromIp: boolean
    readonly innerTunnels: boolean
    readonly idleWindows: number
  }
}

/** What a worker does otherwise from the next block on. The control block's `plans` says that one was sent. */
export interface CapturePlan {
  readonly plan: number
  /** Missing: as they are. */
  readonly networks?: readonly string[]
  readonly exempt: ExemptConfig
}

export type CaptureMessage =
  | { readonly kind: 'capturing'; readonly interface: string; readonly offloads: readonly string[] }
  /** It cannot capture and tries again: what is missing, and what to do. */
  | { readonly kind: 'trouble'; readonly problem: string }
  | { readonly kind: 'link'; readonly event: 'up' | 'down' | 'gone' | 'back' }
  | { readonly kind: 'refused'; readonly problem: string }
  /** It has taken all plans up to this one. */
  | { readonly kind: 'planned'; readonly plan: number }

/** Numbers of link states in the control block. */
export const LINK_STATE: Readonly<Record<LinkState | 'unknown', number>> = {
  unknown: 0,
  up: 1,
  down: 2,
  gone: 3,
}
