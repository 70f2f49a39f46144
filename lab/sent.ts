// What a generator reports when it is done: one line of JSON.

export interface Sent {
  readonly sent: number
  readonly bytes: number
  readonly seconds: number
  /** Packets per second actually reached. */
  readonly pps: number
  /** Of the busiest tenth of a second, for a generator that keeps a rate. */
  readonly busiestPps?: number
  /** Packets the interface did not take; they are not in `sent`. */
  readonly refused: number
  /** Nanoseconds since 1970 just before the first packet, in digits: a JSON number is not that exact. */
  readonly firstSentRealtimeNanos: string
}

/** What both generators are told besides the traffic. */
export interface SendOptions {
  readonly interface: string
  readonly seed: number
  /** Called with the time just before the first packet. */
  readonly onFirst?: (realtimeNanos: string) => void
}

/** The wall clock in nanoseconds, exact to about a microsecond. */
export function realtimeNanos(): string {
  return String(BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n)
}

/** Rounds what was counted to what is worth reading. */
export function sentReport(
  counted: { readonly sent: number; readonly bytes: number; readonly refused: number },
  milliseconds: number,
  firstSentRealtimeNanos: string,
  busiestPps?: number,
): Sent {
  return {
    sent: counted.sent,
    bytes: counted.bytes,
    seconds: Math.round(milliseconds) / 1000,
    pps: milliseconds > 0 ? Math.round((counted.sent * 1000) / milliseconds) : 0,
    ...(busiestPps === undefined ? {} : { busiestPps }),
    refused: counted.refused,
    firstSentRealtimeNanos,
  }
}
