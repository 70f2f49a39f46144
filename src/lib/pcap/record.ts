// What capture files hold, whatever their format, and what may be wrong with them.

/** One packet of a capture file. Readers fill the same object again and again: copy what is to be kept. */
export interface PcapRecord {
  /** Offset of its first byte in the view that was read. */
  at: number
  /** Bytes that are there. */
  captured: number
  /** Bytes it had on the wire; never fewer than are there. */
  wire: number
  /** Time since 1970 UTC: whole seconds, and nanoseconds below one second. */
  seconds: number
  nanoseconds: number
  /** Link layer its bytes begin with (LINKTYPE_ registry). */
  link: number
}

/** Why reading ended early. All packets before are good. */
export interface PcapProblem {
  /** `broken`: bytes that cannot be. `cut`: the file ends within a record. `unreadable`: the system refused to read it. */
  readonly kind: 'broken' | 'cut' | 'unreadable'
  /** Offset in the file where the trouble begins. */
  readonly at: number
  readonly reason: string
}

/** What a reader found: a packet (the record is filled), the end of the bytes it was given, or a problem. */
export type PcapStep = 'packet' | 'more' | 'broken'

/** Reads one format, piece by piece: the bytes behind `position` must be given again with more behind them. */
export interface PcapReader {
  /** Where unread bytes begin in the view given last. */
  readonly position: number
  /** Bytes of the file read so far. */
  readonly offset: number
  /** Whether the next byte of the file belongs to a block that is being skipped. */
  readonly isWithinBlock: boolean
  /** Set when a step was `broken`. */
  readonly problem: PcapProblem | undefined
  /** Goes on to the next packet within `at` to `end`. */
  next(view: DataView, at: number, end: number): PcapStep
}

/** Longest piece of a packet that is taken (libpcap takes no more either); a longer one means that lengths are garbage. */
export const MAX_CAPTURED = 262_144
/** Longest packet that is believed. */
export const MAX_WIRE = 1 << 24
/** The end of the year 9999: later times are garbage, and no calendar here could show them. */
export const MAX_SECONDS = 253_402_300_799
