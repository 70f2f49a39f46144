// Where and how profiles are carried out on this machine: settings that hold for all of them.

export const HOOKS = ['prerouting', 'forward', 'ingress'] as const
export type Hook = (typeof HOOKS)[number]

export interface ProtectionPlace {
  /**
   * Where packets are judged: `prerouting` sees whatever arrives, `forward` only what this machine passes on, `ingress`
   * looks before everything else, at the devices named.
   */
  readonly hook: Hook
  /** Interfaces whose packets are judged; empty: all. Ingress needs at least one. */
  readonly devices: readonly string[]
  /** What comes from here or goes there is never touched. */
  readonly managementPrefixes: readonly string[]
  /** Sources that each list, and each measure of sources, has room for. */
  readonly sourcesMax: number
}

export const PLACE: ProtectionPlace = {
  hook: 'prerouting',
  devices: [],
  managementPrefixes: [],
  sourcesMax: 131_072,
}
