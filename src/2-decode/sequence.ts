// Sequence numbers: what was lost between an exporter and us, per observation domain.
//
// NetFlow v9 numbers datagrams; v5 and IPFIX number records, by the first one of a datagram. Some exporters do it the other way
// round, and some number the last record (Open vSwitch's NetFlow v5) or the one behind it (softflowd's IPFIX). Either shows after a
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
/** Datagrams of another length than the one before, in a row, that have to show that they number their last record, and not the first. */
const OWN_STREAK = 2

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
  /** Whether a number is that of the datagram's last record, or of the one behind it, so that the next one is higher by its own. */
  private countsOwn = false
  private ownStreak = 0
  /** Whether a number of the streak was too low for the way in which they are believed to be numbered: no loss explains that. */
  private isProven = false
  /** Of the streak: lost, unless it shows the other way. */
  private undecided = 0
  /** `lost` and `late` when the streak began; what came since was no loss if the streak is right. */
  private lostBefore = 0
  private lateBefore = 0

  constructor(countsRecords: boolean) {
    this.countsRecords = countsRecords
  }

  /**
   * Takes the sequence number of a datagram and its number of records (-1 when unknown templates hide it).
   * Returns how many of the unit were lost before it; negative when it is one that had been counted as lost.
   */
  follow(sequence: number, records: number): number {
    this.watchUnit(sequence)
    if (this.countsRecords) this.watchOwn(sequence, records)
    const units = this.countsRecords ? records : 1
    const { expected, previous } = this
    const isRepeated = sequence === previous
    this.previous = sequence
    this.previousRecords = records
    const ahead = this.countsOwn ? (sequence - records - expected) >>> 0 : (sequence - expected) >>> 0
    if (expected < 0 || ahead === 0) return this.goOn(sequence, units, 0)
    if (isRepeated) {
      this.repeated++
      return 0
    }
    if (ahead <= (this.countsRecords ? LOST_RECORDS_MAX : LOST_DATAGRAMS_MAX))
      return this.goOn(sequence, units, ahead)
    // Not late, since its number is a later one: such exporters leave records of options out.
    if (this.countsOwn && (sequence - previous) >>> 0 <= LOST_RECORDS_MAX)
      return this.goOn(sequence, units, 0)
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
    this.endOwnStreak()
  }

  private goOn(sequence: number, units: number, lost: number): number {
    this.expected = units < 0 ? -1 : this.countsOwn ? sequence : (sequence + units) >>> 0
    if (this.ownStreak > 0) this.undecided += lost
    else this.lost += lost
    return lost
  }

  private comeLate(units: number): number {
    this.late++
    const found = Math.min(Math.max(units, 0), this.lost)
    this.lost -= found
    return found === 0 ? 0 : -found
  }

  /** Sees whether the numbers go up by the other unit, time after time. */
  private watchUnit(sequence: number): void {
    const step = (sequence - this.previous) >>> 0
    const other = this.countsRecords ? 1 : this.previousRecords
    if (this.previous < 0 || this.previousRecords <= 1 || step !== other) {
      this.streak = 0
      return
    }
    if (this.streak === 0) this.remember()
    this.streak++
    if (this.streak < STREAK) return
    this.countsRecords = !this.countsRecords
    this.countsOwn = false
    this.believe()
    this.expected = sequence
  }

  /**
   * Sees whether the numbers go up by the records of the datagram itself instead of by those before it, or no longer do. A number
   * that is higher than expected may as well tell of a loss; which one it is the next datagram of another length shows.
   */
  private watchOwn(sequence: number, records: number): void {
    const before = this.previousRecords
    // Of datagrams of one length it is not to be seen.
    if (this.previous >= 0 && records === before) return
    const [believed, other] = this.countsOwn ? [records, before] : [before, records]
    if (this.previous < 0 || other < 1 || (sequence - this.previous) >>> 0 !== other) {
      this.endOwnStreak()
      return
    }
    if (this.ownStreak === 0) this.remember()
    this.ownStreak++
    if (other < believed) this.isProven = true
    if (this.ownStreak < OWN_STREAK || !this.isProven) return
    this.countsOwn = !this.countsOwn
    this.believe()
    this.expected = this.countsOwn ? (sequence - records) >>> 0 : sequence
  }

  private endOwnStreak(): void {
    this.ownStreak = 0
    this.isProven = false
    this.lost += this.undecided
    this.undecided = 0
  }

  private remember(): void {
    this.lostBefore = this.lost
    this.lateBefore = this.late
  }

  private believe(): void {
    this.lost = Math.min(this.lost, this.lostBefore)
    this.late = Math.min(this.late, this.lateBefore)
    this.undecided = 0
    this.streak = 0
    this.endOwnStreak()
  }
}
