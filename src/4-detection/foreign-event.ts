// What a foreign detector reports about one host: that it is under attack, or is no more. From the door it came through to
// the desk that makes an attack of it.

export interface ForeignEvent {
  /** Name of the detector. */
  readonly source: string
  /** As the detector calls this report; missing: it has no name, and no later one can take it back. */
  readonly externalId?: string
  /** When the detector says it was; wall clock, ms since 1970 UTC. */
  readonly at: number
  readonly action: 'ban' | 'unban'
  /** Canonical address. */
  readonly host: string
  readonly direction: 'incoming' | 'outgoing'
  /** `udp_flood`, a vector of ours (`vectors.ts`), or a name of the configuration. */
  readonly vector: string
  /** What such a name of the configuration is answered as; missing: the name says it. */
  readonly means?: string
  readonly bitsPerSecond?: number
  readonly packetsPerSecond?: number
  /** Ports of the target that most of it goes to. */
  readonly ports: readonly number[]
  /** 0 to 1; missing: the detector did not say. */
  readonly confidence?: number
  /** Whatever else it said, anything JSON can say. */
  readonly details?: unknown
}
