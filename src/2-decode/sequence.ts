// Sequence numbers: what was lost between an exporter and us, per observation domain.
//
// NetFlow v9 numbers datagrams; v5 and IPFIX number records. Some exporters do it the other way round, which shows after a
// few datagrams and is then believed. A number far away from what was expected is a restart, not a loss.

/** Larger jumps forward are a restart. */
const LOST_DATAGRAMS_MAX = 65_536
const LOST_RECORDS_MAX = 1 << 20
/** Datagrams that may arrive later than one sent after them. */
const LATE_DATAGRAMS = 64
const LATE_RECORDS = LATE_DATAGRAMS * 32
const LAST = 0xffff_ffff
/** Datagrams in a row that have to show the other unit. */
const STREAK = 16

export class Sequence {
  /** What is numbered: records, else datagrams. */
  countsRecords: boolean
  /** In the unit that is numbered. */
  lost = 0
  late = 0
  repeated = 0
  restarts = 0
  private expected = -1
  private previous = -1
  private previousRecords = -1
  private streak = 0
  private streakLost = 0
  private streakLate = 0

  constructor(countsRecords: boolean) {
    this.countsRecords = countsRecords
  }

  /**
   * Takes the sequence number of a datagram and its number of records (-1 when unknown templates hide it).
   * Returns how many of the unit were lost before it; negative when it is one that had been counted as lost.
   */
  follow(sequence: number, records: number): number {
    this.watchUnit(sequence)
    const units = this.countsRecords ? records : 1
    const { expected } = this
    const isRepeated = sequence === this.previous
    this.previous = sequence
    this.previousRecords = records
    const ahead = (sequence - expected) >>> 0
    if (expected < 0 || ahead === 0) return this.goOn(sequence, units, 0)
    if (isRepeated) {
      this.repeated++
      return 0
    }
    if (ahead <= (this.countsRecords ? LOST_RECORDS_MAX : LOST_DATAGRAMS_MAX))
      return this.goOn(sequence, units, ahead)
    if (0x1_0000_0000 - ahead <= (this.countsRecords ? LATE_RECORDS : LATE_DATAGRAMS))
      return this.comeLate(units)
    this.restarts++
    return this.goOn(sequence, units, 0)
  }

  /**
   * The same as `follow` with one record, for numbers of datagrams or samples, when nothing was lost: true and done, or
   * false and nothing is done. Most calls end here.
   */
  isNext(sequence: number): boolean {
    if (sequence !== this.expected || this.previousRecords !== 1 || this.countsRecords) return false
    this.previous = sequence
    this.expected = sequence === LAST ? 0 : sequence + 1
    return true
  }

  /** The exporter began anew: the next number is as good as any. */
  restart(): void {
    this.restarts++
    this.expected = this.previous = -1
    this.streak = 0
  }

  private goOn(sequence: number, units: number, lost: number): number {
    this.expected = units < 0 ? -1 : (sequence + units) >>> 0
    this.lost += lost
    if (this.streak > 0) this.streakLost += lost
    return lost
  }

  private comeLate(units: number): number {
    this.late++
    if (this.streak > 0) this.streakLate++
    const found = Math.min(Math.max(units, 0), this.lost)
    this.lost -= found
    return found === 0 ? 0 : -found
  }

  /** Sees whether the numbers go up by the other unit, time after time. */
  private watchUnit(sequence: number): void {
    const step = (sequence - this.previous) >>> 0
    const other = this.countsRecords ? 1 : this.previousRecords
    if (this.previous < 0 || this.previousRecords <= 1 || step !== other) {
      this.streak = this.streakLost = this.streakLate = 0
      return
    }
    this.streak++
    if (this.streak < STREAK) return
    this.countsRecords = !this.countsRecords
    this.lost -= Math.min(this.lost, this.streakLost)
    this.late -= this.streakLate
    this.expected = sequence
    this.streak = this.streakLost = this.streakLate = 0
  }
}
