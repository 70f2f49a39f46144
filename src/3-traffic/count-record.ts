// Hot path. Flow records become counters: the same lines as packets (count.ts), many packets at a time.
//
// Imported once per worker with a query of its own, after its memory was left in record-binding.ts. What a record counts
// is its packets and bytes times its sampling rate, at once or spread over the time it lasted (spread.ts).

import type { FlowRecord } from '#2-decode/flow-record.ts'
import { LINK, type Sample } from '#2-decode/sample.ts'
import { foldAddress, mixFolded, otherSeed } from './address-hash.ts'
import { flowHash, raiseRank, rollWindow } from './flow-sketch.ts'
import * as layout from './host-tables.ts'
import { filterIndex } from './network-table.ts'
import { classByProtocol } from './protocol-table.ts'
import { takeRecordBinding } from './record-binding.ts'
import { writeHeader } from './record-header.ts'
import * as beside from './record-tables.ts'
import * as ring from './sample-ring.ts'
import { SPREAD_MS_MIN, Spread } from './spread.ts'

const { BANK_SLOTS, EXTRA_WORDS, FRAGMENT, LINE, PAGE_SLOTS, SKETCH, SKETCH_REGISTERS, STAMP, WATCH } = layout
const { CLASS, CONTROL, TOTAL, slotOfLine } = layout
const { ENTRY, ENTRY_HEAD, RING_HEAD, TOLD_MAX, TOLD_SHIFT } = ring
const { LARGE_BYTES } = beside
const {
  droppedPackets: X_PACKETS,
  droppedBytes: X_BYTES,
  droppedLarge: X_LARGE,
  large: X_CLASSES,
} = beside.EXTRA

const BINDING = takeRecordBinding()
const { tables: TABLES, slots: SLOTS, seed: SEED, idleWindows: IDLE_WINDOWS } = BINDING
const { headerAt: HEADER_AT, wholeSyn: WHOLE_SYN, spreadMs: SPREAD_MS } = BINDING
const W = new Int32Array(BINDING.frames)
const VIEW = new DataView(BINDING.frames)
const { first: FIRST, second: SECOND } = BINDING.levels
const FIRST6 = BINDING.filter.first
const { hash6: HASH6, mask6: MASK6 } = SLOTS
const OTHER_SEED = otherSeed(SEED)
const { control: CTRL, counters: C, counterBytes: B, counterFloats: F, totals: T } = TABLES
const { keys: KEYS, pageSeen: SEEN, busy: BUSY, recent: RECENT, watched: WATCHED, extras: X } = TABLES
const CTRL_FLOATS = new Float32Array(CTRL.buffer)
const BUSY_MASK = BUSY.length - 1
const ANNOUNCED = new Int32Array(1024).fill(-1)
const ANNOUNCED_MASK = ANNOUNCED.length - 1
const ENTRY_MASK = ring.ringEntries(TABLES.snapBytes) - 1
const ENTRY_WORDS = ring.entryWords(TABLES.snapBytes)
const SNAP = TABLES.snapBytes

const { incoming: INCOMING, outgoing: OUTGOING, lengthFromIp: LENGTH_FROM_IP } = BINDING
const INTERNAL_IN = BINDING.internal === 'both' && INCOMING
const INTERNAL_OUT = BINDING.internal === 'both' && OUTGOING
const FLOWS_ALL = BINDING.flows === 'all'
const FLOWS_ON = BINDING.flows !== 'off'

const CLASS_OF = classByProtocol()
const { tcp: TCP, syn: SYN } = CLASS
const FLAG_SYN = 2
/** Flags that a packet which only opens a connection may have besides SYN: those of congestion (RFC 3168). */
const FLAGS_OF_SYN = 2 | 64 | 128

/** Marks of what is counted together: the class in the low bits, then these, then the word of the totals. */
const MARK_CLASS = 15
const MARK_FRAGMENT = 16
const MARK_DROPPED = 32
const MARK_TOTAL_SHIFT = 6
/** The second line of a packet between two hosts of ours: the first one has counted it for the totals. */
const NO_TOTAL = 31

/** More than a record can stand for: 140 terabytes and a hundred thousand million packets. */
const BYTES_MAX = 2 ** 47
const PACKETS_MAX = 2 ** 31 - 1

/** Records per epoch that go to the recent ring whatever they are, and copies for watched hosts. */
const RECENT_PER_EPOCH = 320
const WATCHED_PER_EPOCH = 4096

const SPREAD = new Spread(BINDING.spreadBlocks, TABLES.lines, TABLES.generations, credit)
/** Numbers of the worker beside those of the control block. */
export const COUNTS = { beyondPackets: 0.5 }
COUNTS.beyondPackets = 0

// A variable of the module would be a tagged value, and an array of 64 bytes or less lies in V8's heap: both are looked into at each use.
/** What changes as records are counted, by the places below. */
const S = new Int32Array(32)
const [EPOCH, WINDOW, WATCH_LEFT, RECORDS] = [0, 1, 2, 3] as const
/** Large bytes are a second sum of the same bytes: half as many of them pass unseen, in units of LARGE_BYTES. */
const [EPOCH_MASK, BUSY_HEAD, EPOCH_BITS, LARGE_BITS] = [4, 5, 6, 7] as const
/** Records until one goes to the recent ring whatever it is: counted down, because a division takes longer than all else here. */
const [UNTIL_KEPT, STRIDE, CHANCE] = [8, 9, 10] as const
/** The header of the record in hand. */
const [FRAME_AT, FRAME_LENGTH, FRAME_LINK] = [11, 12, 13] as const
S.set([31, 14, 1, 1, SEED | 1], EPOCH_BITS)
/** Of the packets counted lately: how many, and that times their rate. So long that it lies outside of V8's heap, too. */
const RATED = new Float64Array(16)

/** What is spread now, found no block, or lost its host; for metrics. */
export const spread = (): Pick<Spread, 'used' | 'refused' | 'lost'> => SPREAD

/** Takes over the tick that the reader began; call before each batch and after each wait. */
export function syncEpoch(): void {
  const now = Atomics.load(CTRL, CONTROL.epoch)
  if (now === S[EPOCH]!) return
  S[EPOCH] = now
  S[EPOCH_MASK] = CTRL[CONTROL.busyMask]!
  S[EPOCH_BITS] = CTRL[CONTROL.busyBits]! || 31
  S[LARGE_BITS] = Math.max(0, S[EPOCH_BITS]! - 17)
  S[WATCH_LEFT] = WATCHED_PER_EPOCH
  S[STRIDE] = Math.max(1, Math.ceil(S[RECORDS]! / RECENT_PER_EPOCH))
  S[UNTIL_KEPT] = S[STRIDE]!
  S[RECORDS] = 0
  tellRate()
  ANNOUNCED.fill(-1)
  if (S[WINDOW]! === CTRL[CONTROL.window]!) return
  S[WINDOW] = CTRL[CONTROL.window]!
  SLOTS.sweep(S[WINDOW]!, IDLE_WINDOWS)
}

/** Tells the reader how surely packets are counted. The variance of a sum of samples is that of their mean rate by packets. */
function tellRate(): void {
  const rated = RATED[0]!
  if (rated >= 1) CTRL_FLOATS[CONTROL.meanRate] = RATED[1]! / rated
  RATED[0] = rated / 2
  RATED[1] = RATED[1]! / 2
}

/** Counts what of earlier records has come due until `nowMs`, on a clock that does not go back. */
export function advance(nowMs: number): void {
  SPREAD.advance(nowMs)
  publish()
}

/** Has the reader see the lines that were announced; after each batch. */
export function publish(): void {
  Atomics.store(CTRL, CONTROL.busyHead, S[BUSY_HEAD]!)
}

/** Bytes of one packet of a record, on average. */
export const meanBytes = (record: FlowRecord): number =>
  Math.round(record.bytes / (record.packets < 1 ? 1 : record.packets))

/** Makes up the header of a record in the bound memory, for those who look at packets; gives its length. */
export const makeHeader = (record: FlowRecord): number =>
  writeHeader(VIEW, HEADER_AT, record.sample, meanBytes(record))

/**
 * Counts a record. The header bytes of its packet lie at `at` of the bound memory; with `length` 0 it has none, and one is
 * made up where one is wanted.
 */
export function countRecord(record: FlowRecord, at: number, length: number, link: number): void {
  const s = record.sample
  const v6 = s.family === 6
  const targetSlot = v6 ? slot6(s.targetA, s.targetB, s.targetC, s.targetD) : slot4(s.targetA)
  const sourceSlot = v6 ? slot6(s.sourceA, s.sourceB, s.sourceC, s.sourceD) : slot4(s.sourceA)
  const isPacket = length > 0
  const ofOne = LENGTH_FROM_IP && isPacket && s.ipLength > 0 ? s.ipLength * record.packets : record.bytes
  const packets = Math.min(PACKETS_MAX, Math.round(record.packets * record.rate))
  const bytes = Math.min(BYTES_MAX, Math.round(ofOne * record.rate))
  RATED[0] = RATED[0]! + packets
  RATED[1] = RATED[1]! + packets * record.rate
  S[FRAME_AT] = at
  S[FRAME_LENGTH] = length
  S[FRAME_LINK] = link
  countFor(targetSlot, sourceSlot, v6 ? TOTAL.ipv6 : 0, packets, bytes, record)
  S[RECORDS] = (S[RECORDS]! + 1) | 0
  S[UNTIL_KEPT] = (S[UNTIL_KEPT]! - 1) | 0
  if (S[UNTIL_KEPT]! > 0) return
  S[UNTIL_KEPT] = S[STRIDE]!
  keep(RECENT, record, packets * S[STRIDE]!)
}

function countFor(
  targetSlot: number,
  sourceSlot: number,
  family: number,
  packets: number,
  bytes: number,
  record: FlowRecord,
): void {
  let direction: number = TOTAL.other
  let line = 0
  let second = 0
  if (targetSlot !== 0 && sourceSlot !== 0) {
    direction = TOTAL.internal
    line = INTERNAL_IN ? lineIn(targetSlot) : 0
    second = INTERNAL_OUT ? lineOut(sourceSlot) : 0
  } else if (targetSlot !== 0) {
    direction = TOTAL.incoming
    line = lineIn(targetSlot)
  } else if (sourceSlot !== 0) {
    direction = TOTAL.outgoing
    line = lineOut(sourceSlot)
  }
  if ((!INCOMING && direction === TOTAL.incoming) || (!OUTGOING && direction === TOTAL.outgoing)) {
    T[TOTAL.ignored] = (T[TOTAL.ignored]! + packets) | 0
    return
  }
  const word = direction + family
  if (line === 0) addTotal(word, packets, bytes)
  else countLine(line, word, packets, bytes, record)
  if (second !== 0) countLine(second, NO_TOTAL, packets, bytes, record)
}

const lineIn = (slot: number): number => (slot + (slot & -BANK_SLOTS)) | 0
const lineOut = (slot: number): number => (slot + (slot & -BANK_SLOTS) + BANK_SLOTS) | 0

function countLine(line: number, word: number, packets: number, bytes: number, record: FlowRecord): void {
  const b = line * LINE
  const s = record.sample
  if (C[b + STAMP] !== S[WINDOW]!) touch(line, b)
  if (FLOWS_ON) hear(line, b, s)
  const mark =
    (word << MARK_TOTAL_SHIFT) |
    (s.isFragment === 0 ? 0 : MARK_FRAGMENT) |
    (record.isDropped === 0 ? 0 : MARK_DROPPED)
  const kind = CLASS_OF[s.protocol]!
  if (kind !== TCP || (s.tcpFlags & FLAG_SYN) === 0) put(line, mark | kind, packets, bytes, record)
  else putSyn(line, mark, packets, bytes, record)
  const watch = C[b + WATCH]!
  if (watch !== 0) watchRecord(watch, packets, record)
}

/** Flags of a record are those of all its packets: a connection has one SYN, whatever else passed on it. */
function putSyn(line: number, mark: number, packets: number, bytes: number, record: FlowRecord): void {
  const first = Math.min(packets, Math.round(record.rate))
  if (WHOLE_SYN || first === packets || (record.sample.tcpFlags & ~FLAGS_OF_SYN) === 0) {
    put(line, mark | SYN, packets, bytes, record)
    return
  }
  const share = Math.round((bytes * first) / packets)
  put(line, mark | SYN, first, Math.min(share, first * SYN_BYTES), record)
  put(line, mark | TCP, packets - first, bytes - Math.min(share, first * SYN_BYTES), record)
}

/** What opens a connection carries no data: headers and their options. */
const SYN_BYTES = 60

function put(line: number, mark: number, packets: number, bytes: number, record: FlowRecord): void {
  const lasted = record.durationMs
  if (SPREAD_MS === 0 || lasted < SPREAD_MS_MIN) {
    credit(line, mark, packets, bytes)
    return
  }
  // Of what lasted longer than that only the end is of interest now.
  const share = lasted > SPREAD_MS ? SPREAD_MS / lasted : 1
  const due = share === 1 ? packets : Math.max(1, Math.round(packets * share))
  COUNTS.beyondPackets += packets - due
  if (!SPREAD.add(line, mark, due, Math.round(bytes * share), Math.min(lasted, SPREAD_MS)))
    credit(line, mark, due, Math.round(bytes * share))
}

/** Adds to the counters of a line, of what stands beside it, and of the totals. */
function credit(line: number, mark: number, packets: number, bytes: number): void {
  const b = line * LINE
  const kind = mark & MARK_CLASS
  const before = C[b + kind]!
  const count = (before + packets) | 0
  // Lines of page 0 stand for prefixes; nobody looks beside them.
  const large = bytes < LARGE_BYTES || slotOfLine(line) < PAGE_SLOTS ? 0 : Math.floor(bytes / LARGE_BYTES)
  const small = bytes - large * LARGE_BYTES
  const x = line * EXTRA_WORDS
  const octets = C[b + kind + 1]!
  // One right after the other, packets first: whoever reads meanwhile makes sure of them (speed.ts).
  C[b + kind] = count
  C[b + kind + 1] = (octets + small) | 0
  let isBusy = packets > S[EPOCH_MASK]! || ((before ^ count) & ~S[EPOCH_MASK]!) !== 0
  isBusy ||= (octets ^ (octets + small)) >>> S[EPOCH_BITS]! !== 0
  if (large !== 0) {
    const at = x + X_CLASSES + (kind >> 1)
    const held = X[at]!
    X[at] = (held + large) | 0
    isBusy ||= (held ^ (held + large)) >>> S[LARGE_BITS]! !== 0
  }
  if ((mark & MARK_FRAGMENT) !== 0) {
    C[b + FRAGMENT] = (C[b + FRAGMENT]! + packets) | 0
    C[b + FRAGMENT + 1] = (C[b + FRAGMENT + 1]! + small) | 0
    const at = x + X_CLASSES + (FRAGMENT >> 1)
    if (large !== 0) X[at] = (X[at]! + large) | 0
  }
  if ((mark & MARK_DROPPED) !== 0) {
    X[x + X_PACKETS] = (X[x + X_PACKETS]! + packets) | 0
    X[x + X_BYTES] = (X[x + X_BYTES]! + small) | 0
    X[x + X_LARGE] = (X[x + X_LARGE]! + large) | 0
  }
  const word = mark >>> MARK_TOTAL_SHIFT
  if (word !== NO_TOTAL) addTotal(word, packets, bytes)
  if (C[b + STAMP] !== S[WINDOW]!) touch(line, b)
  // A record may step over the multiple at which a line is announced, so it is the step that is looked at.
  if (isBusy) announce(line)
}

function addTotal(word: number, packets: number, bytes: number): void {
  const large = bytes < LARGE_BYTES ? 0 : Math.floor(bytes / LARGE_BYTES)
  T[word] = (T[word]! + packets) | 0
  T[word + 1] = (T[word + 1]! + (bytes - large * LARGE_BYTES)) | 0
  if (large !== 0) T[TOTAL.large + (word >> 1)] = (T[TOTAL.large + (word >> 1)]! + large) | 0
}

/** The sketch of a line hears the flow of a record, by the same hash as that of a packet of it (count.ts). */
function hear(line: number, b: number, s: Sample): void {
  const { protocol } = s
  if (!FLOWS_ALL && (s.family === 6 || (protocol !== 6 && protocol !== 17))) return
  const incoming = (line & BANK_SLOTS) === 0
  const remote =
    s.family !== 6
      ? incoming
        ? s.sourceA
        : s.targetA
      : incoming
        ? foldAddress(s.sourceA, s.sourceB, s.sourceC, s.sourceD, SEED, OTHER_SEED)
        : foldAddress(s.targetA, s.targetB, s.targetC, s.targetD, SEED, OTHER_SEED)
  const ports = swap16(s.sourcePort) | (swap16(s.targetPort) << 16)
  const h = flowHash(SEED, remote, ports, protocol)
  const index = Math.imul(h & 0xffff, SKETCH_REGISTERS) >>> 16
  const register = ((b + SKETCH) << 2) + (index >>> 1)
  const shift = (index & 1) << 2
  const rank = (Math.clz32(h | 0xffff) + 1) | 0
  if (rank > ((B[register]! >>> shift) & 15)) raiseRank(B, C, F, b, register, shift, rank)
}

function touch(line: number, b: number): void {
  rollWindow(TABLES, line, C[b + STAMP]!, S[WINDOW]!)
  C[b + STAMP] = S[WINDOW]!
  SEEN[slotOfLine(line) >>> 8] = S[WINDOW]!
}

function announce(line: number): void {
  const at = line & ANNOUNCED_MASK
  if (ANNOUNCED[at] === line) return
  ANNOUNCED[at] = line
  BUSY[S[BUSY_HEAD]! & BUSY_MASK] = line
  S[BUSY_HEAD] = (S[BUSY_HEAD]! + 1) | 0
}

function slot4(ip: number): number {
  const chunk = FIRST[ip & 0xffff]!
  if (chunk === 0) return 0
  const entry = SECOND[(chunk << 8) + ((ip >>> 16) & 255)]!
  if (entry < 256) return entry === 0 ? 0 : SLOTS.missV4(ip)
  // Now, and not when the record is counted: the other end of it may take a page meanwhile.
  SEEN[entry >>> 8] = S[WINDOW]!
  return (entry + (ip >>> 24)) | 0
}

function slot6(a: number, b: number, c: number, d: number): number {
  if (FIRST6[filterIndex(a)] === 0) return 0
  let home = mixFolded(foldAddress(a, b, c, d, SEED, OTHER_SEED)) & MASK6
  for (;;) {
    const slot = HASH6[home]!
    if (slot === 0) return SLOTS.missV6(a, b, c, d)
    const k = slot << 2
    if (KEYS[k + 3] === d && KEYS[k + 2] === c && KEYS[k + 1] === b && KEYS[k] === a) return slot
    home = (home + 1) & MASK6
  }
}

/** Of n packets of a watched host one is copied: of a small record by chance, so that all together are as many. */
function watchRecord(every: number, packets: number, record: FlowRecord): void {
  if (packets < every) {
    S[CHANCE] = (Math.imul(S[CHANCE]!, 1_664_525) + 1_013_904_223) | 0
    if ((S[CHANCE]! >>> 0) * every >= packets * 0x1_0000_0000) return
  }
  if (S[WATCH_LEFT]! === 0) {
    CTRL[CONTROL.watchSkipped] = (CTRL[CONTROL.watchSkipped]! + 1) | 0
    return
  }
  S[WATCH_LEFT]!--
  keep(WATCHED, record, Math.max(every, packets))
}

/** Copies the packet of a record into a ring, or a header made up from it, by whole words. It stands for `weight` packets. */
function keep(to: Int32Array, record: FlowRecord, weight: number): void {
  const told = S[FRAME_LENGTH]! > 0 ? 0 : Math.min(TOLD_MAX, record.packets)
  const isPacket = told === 0
  const seconds = Math.floor(record.receivedMs / 1000)
  const at = isPacket ? S[FRAME_AT]! : HEADER_AT
  const whole = isPacket ? S[FRAME_LENGTH]! : makeHeader(record)
  const length = whole < SNAP ? whole : SNAP
  const mean =
    LENGTH_FROM_IP && isPacket && record.sample.ipLength > 0 ? record.sample.ipLength : meanBytes(record)
  const head = to[0]!
  const e = RING_HEAD + (head & ENTRY_MASK) * ENTRY_WORDS
  const skip = at & 3
  to[e + ENTRY.seconds] = seconds
  to[e + ENTRY.nanoseconds] = Math.floor((record.receivedMs - seconds * 1000) * 1e6)
  to[e + ENTRY.bytes] = mean
  to[e + ENTRY.captured] = length
  to[e + ENTRY.weight] = weight
  to[e + ENTRY.link] = isPacket ? S[FRAME_LINK]! : LINK.rawIp
  to[e + ENTRY.skip] = skip | (told << TOLD_SHIFT)
  to[e + ENTRY.rate] = Math.round(record.rate)
  const words = (skip + length + 3) >> 2
  const from = at >> 2
  const place = e + ENTRY_HEAD
  for (let i = 0; i < words; i = (i + 1) | 0) to[place + i] = W[from + i]!
  Atomics.store(to, 0, (head + 1) | 0)
}

const swap16 = (half: number): number => ((half & 255) << 8) | (half >>> 8)
