// Hot path. Packets become counters: whose host, which direction, which class, a new flow or not.
//
// Imported once per worker with a query of its own, after its memory was left in count-binding.ts: the arrays below are
// module constants because V8 then addresses them directly (about five loads less per access). Plain IPv4 in Ethernet is
// counted straight from the ring's words; everything else goes through the decoder into the same two functions. Functions are
// constants too: of a declared one V8 makes sure at each call that it is still the same.

import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { isTunnel } from '#2-decode/frame/tunnel.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import { foldAddress, mixFolded, otherSeed } from './address-hash.ts'
import { takeBinding } from './count-binding.ts'
import { flowHash, raiseRank, remoteWord, rollWindow } from './flow-sketch.ts'
import * as layout from './host-tables.ts'
import { filterIndex } from './network-table.ts'
import { classByProtocol, plainAfterIpv6, portsByProtocol } from './protocol-table.ts'
import { ringColumns } from './ring-columns.ts'
import { HeldPacket, type PacketInMemory, writeSample } from './sample-ring.ts'

// Constants of this file are folded into the code; imported ones would be loaded at each use.
const { BANK_SLOTS, CLASS, CONTROL, FRAGMENT, LINE, SKETCH, SKETCH_REGISTERS, STAMP, TOTAL, WATCH } = layout
const DECODED = OUTCOME.decoded
const { incoming: TO_INCOMING, outgoing: TO_OUTGOING, internal: TO_INTERNAL, other: TO_OTHER } = TOTAL
const { ipv6: TO_IPV6, outcome: TO_OUTCOME, ignored: TO_IGNORED } = TOTAL

const BINDING = takeBinding()
const { tables: TABLES, slots: SLOTS, seed: SEED, idleWindows: IDLE_WINDOWS } = BINDING
const W = new Int32Array(BINDING.frames)
const VIEW = new DataView(BINDING.frames)
const { some: SOME, first: FIRST, second: SECOND } = BINDING.levels
const FIRST6 = BINDING.filter.first
const { hash6: HASH6, mask6: MASK6 } = SLOTS
const [OTHER_SEED, FOLD, MIX] = [otherSeed(SEED), foldAddress, mixFolded] as const
const { control: CTRL, counters: C, counterBytes: B, counterFloats: F, totals: T } = TABLES
const { keys: KEYS, pageSeen: SEEN, busy: BUSY, recent: RECENT, watched: WATCHED, snapBytes: SNAP } = TABLES
const BUSY_MASK = BUSY.length - 1
/** By the low bits of a line: which one passed a mark in this epoch, inverted once it is announced. Those that collide are announced more often. */
const MARKED = new Int32Array(16_384).fill(-1)

const { incoming: INCOMING, outgoing: OUTGOING, lengthFromIp: LENGTH_FROM_IP, innerTunnels: INNER } = BINDING
/** Whether a packet between two hosts of ours counts for its target, and for its source. */
const INTERNAL_IN = BINDING.internal === 'both' && INCOMING
const INTERNAL_OUT = BINDING.internal === 'both' && OUTGOING
const FLOWS_ALL = BINDING.flows === 'all'
const FLOWS_ON = BINDING.flows !== 'off'

const COLUMNS = ringColumns(BINDING.frames)
const { next: NEXT, seconds: SECONDS, nanoseconds: NANOSECONDS, captured: CAPTURED, wire: WIRE } = COLUMNS
const { offsets: OFFSETS, ip: IP, fragment: FRAGMENTS, protocol: PROTOCOL, source: SOURCE } = COLUMNS
const { target: TARGET, ports: PORTS, tcpFlags: FLAGS, ports6: PORTS6, tcpFlags6: FLAGS6 } = COLUMNS
const [SOURCE6, TARGET6] = [COLUMNS.source6, COLUMNS.target6] as const

/** With more lines than this in a window their counters do not stay in the caches, and are asked for together beforehand. */
const SCOUTING_LINES = 4096

const LINE_BITS = Math.log2(LINE)
/** Packets of a stage, and what is kept of each until the stage is counted; one between two hosts of ours has two places. */
const STAGE = 512
const P = new Int32Array(2 * STAGE * 4)
const [P_LINE, P_WHAT, P_HASH, P_HEADER, P_WORDS] = [0, 1, 2, 3, 4] as const
/** Bits of `what` beside the class; above them stand the bytes while it is staged. */
const [IS_FRAGMENT, IS_FLOW, BYTES_SHIFT] = [16, 32, 6] as const

const CLASS_OF = classByProtocol()
const { tcp: TCP, syn: SYN } = CLASS
const HAS_PORTS = portsByProtocol()
/** 1 for what follows an IPv6 header without extensions. */
const IS_PLAIN6 = plainAfterIpv6()

/** Packets per block that go to the recent ring whatever they are: about 3,000 a second at 20 ms per block. */
const RECENT_PER_BLOCK = 64
/** Packets copied for watched hosts per epoch and worker. */
const WATCHED_PER_EPOCH = 4096

const SAMPLE = new Sample()
// A variable of the module would be a tagged value, and an array of 64 bytes or less lies in V8's heap: both are looked into at each use.
/** What changes as packets are counted, by the places below. */
const S = new Int32Array(32)
const [EPOCH, WINDOW, WATCH_LEFT, TOUCHED, STAGED, SCOUTING, HALF_MASK, HALF_BITS, BUSY_HEAD, STATED, AHEAD] =
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const
S[HALF_BITS] = 31
/** The packet in hand, where it does not lie in a ring block: set by `hold` or `countFrame`. */
const HELD = new HeldPacket()

/** Takes over the tick that the reader began; call before each block and after each wait. */
export function syncEpoch(): void {
  const now = Atomics.load(CTRL, CONTROL.epoch)
  if (now === S[EPOCH]!) return
  S[EPOCH] = now
  S[HALF_MASK] = CTRL[CONTROL.busyMask]! >>> 1
  S[HALF_BITS] = (CTRL[CONTROL.busyBits]! || 32) - 1
  S[WATCH_LEFT] = WATCHED_PER_EPOCH
  MARKED.fill(-1)
  if (S[WINDOW]! === CTRL[CONTROL.window]!) return
  S[WINDOW] = CTRL[CONTROL.window]!
  S[SCOUTING] = S[TOUCHED]! > SCOUTING_LINES ? 1 : 0
  S[TOUCHED] = 0
  SLOTS.sweep(S[WINDOW]!, IDLE_WINDOWS)
}

/** Counts all packets of a TPACKET_V3 block; `first` is the byte offset of its first packet. */
export function countBlock(first: number, packets: number): void {
  const stride = packets <= RECENT_PER_BLOCK ? 1 : Math.ceil(packets / RECENT_PER_BLOCK)
  let o = first
  let pick = 0
  let plain = 0
  for (let i = 0; i < packets; ) {
    const end = packets - i < STAGE ? packets : (i + STAGE) | 0
    for (; i < end; i = (i + 1) | 0) {
      const w = o >> 2
      plain = (plain + stageSlot(o, w)) | 0
      if (i === pick) {
        pick = (pick + stride) | 0
        hold(w)
        writeSample(RECENT, SNAP, W, HELD, stride, LENGTH_FROM_IP ? S[STATED]! : HELD.wire)
      }
      o = (o + NEXT[w]!) | 0
    }
    if (S[STAGED]! > 0) countStaged()
  }
  T[TO_OUTCOME] = (T[TO_OUTCOME]! + plain) | 0
  Atomics.store(CTRL, CONTROL.busyHead, S[BUSY_HEAD]!)
}

/**
 * Counts or stages the packet whose slot begins at byte `o`, word `w`; 1 when it did without the decoder. A function of its own,
 * because V8 folds the arrays of an inlined function into addresses, but not those of a loop it compiles from its head.
 */
const stageSlot = (o: number, w: number): number => {
  const offsets = OFFSETS[w]!
  // The word that ends in the EtherType, behind up to two tags that the kernel has left in the frame.
  let q = ((o + (offsets >>> 16) - 4) | 0) >> 2
  let room = (offsets >>> 16) - (offsets & 0xffff) === 14 ? CAPTURED[w]! : 0
  for (let tags = 0; tags < 2 && isTag(W[q]! >>> 16); tags = (tags + 1) | 0) {
    q = (q + 1) | 0
    room = (room - 4) | 0
  }
  // Plain: a header of usual length, all of it and the ports captured.
  const type = W[q]! >>> 16
  if (type === 0x0008 && room >= 42 && (IP[q]! & 0xff) === 0x45) {
    if (!INNER || !isTunnel((PROTOCOL[q]! >>> 8) & 255)) return stagePlain(q, w, room)
  } else if (type === 0xdd86 && room >= 62 && !LENGTH_FROM_IP && (IP[q]! & 0xf0) === 0x60) {
    if (IS_PLAIN6[(FRAGMENTS[q]! >>> 16) & 255] === 1) return stagePlain6(q, w, room)
  }
  hold(w)
  countDecoded(w)
  return 0
}

/** Counts one frame of the bound memory; `stride` > 0 also keeps it as a recent one. */
export function countFrame(packet: PacketInMemory, stride: number): void {
  const { at, captured, wire, link, seconds, nanoseconds } = packet
  HELD.hold(at, captured, wire, link, seconds, nanoseconds)
  countDecoded(-1)
  if (stride > 0) writeSample(RECENT, SNAP, W, HELD, stride, LENGTH_FROM_IP ? S[STATED]! : wire)
  Atomics.store(CTRL, CONTROL.busyHead, S[BUSY_HEAD]!)
}

/** Takes the packet whose ring header begins at word `w` in hand. */
const hold = (w: number): void => {
  const at = ((w << 2) + (OFFSETS[w]! & 0xffff)) | 0
  HELD.hold(at, CAPTURED[w]!, WIRE[w]!, BINDING.link, SECONDS[w]!, NANOSECONDS[w]!)
}

/** IPv4 without options, straight from the ring's words; its header begins behind the word `q`. Gives 1. */
const stagePlain = (q: number, header: number, room: number): number => {
  const source = SOURCE[q]!
  const target = TARGET[q]!
  const targetSlot = slot4(target)
  const sourceSlot = slot4(source)
  // A segment that the network card will cut (TSO) states length 0.
  const length = LENGTH_FROM_IP ? swap16(IP[q]! >>> 16) : 0
  const bytes = length > 0 ? length : WIRE[header]!
  if (LENGTH_FROM_IP) S[STATED] = bytes
  const protocol = (PROTOCOL[q]! >>> 8) & 255
  const fragment = FRAGMENTS[q]! & 0xff3f0000
  let ports = 0
  let kind = CLASS_OF[protocol]!
  // Ports and flags stand in the first fragment alone (offset 0).
  if ((fragment & 0xff1f0000) === 0) {
    if (kind === TCP) {
      ports = PORTS[q]!
      if (room >= 48 && (FLAGS[q]! & 0x0200) !== 0) kind = SYN
    } else if (HAS_PORTS[protocol] === 1) ports = PORTS[q]!
  }
  const isFlow = FLOWS_ON && (FLOWS_ALL || kind === TCP || kind === SYN || protocol === 17)
  const what = kind | (fragment === 0 ? 0 : IS_FRAGMENT) | (isFlow ? IS_FLOW : 0)
  const line = lineOf(targetSlot, sourceSlot, 0, bytes)
  const remote = (line & BANK_SLOTS) === 0 ? source : target
  if (line !== 0) stage(line, what, bytes, flowHash(SEED, remote, ports, protocol), header)
  if (INTERNAL_OUT && sourceSlot !== 0 && targetSlot !== 0)
    stage(lineOut(sourceSlot), what, bytes, flowHash(SEED, target, ports, protocol), header)
  return 1
}

/** IPv6 without extension headers, likewise. */
const stagePlain6 = (q: number, header: number, room: number): number => {
  const [a, b, c, d] = [SOURCE6[0][q]!, SOURCE6[1][q]!, SOURCE6[2][q]!, SOURCE6[3][q]!]
  const [e, f, g, h] = [TARGET6[0][q]!, TARGET6[1][q]!, TARGET6[2][q]!, TARGET6[3][q]!]
  const targetSlot = slot6(e, f, g, h)
  const sourceSlot = slot6(a, b, c, d)
  const bytes = WIRE[header]!
  const protocol = (FRAGMENTS[q]! >>> 16) & 255
  const ports = HAS_PORTS[protocol] === 1 ? PORTS6[q]! : 0
  let kind = CLASS_OF[protocol]!
  if (kind === TCP && room >= 68 && (FLAGS6[q]! & 0x0200) !== 0) kind = SYN
  const what = kind | (FLOWS_ON && FLOWS_ALL ? IS_FLOW : 0)
  const line = lineOf(targetSlot, sourceSlot, TO_IPV6, bytes)
  const remote = (line & BANK_SLOTS) === 0 ? fold(a, b, c, d) : fold(e, f, g, h)
  if (line !== 0) stage(line, what, bytes, flowHash(SEED, remote, ports, protocol), header)
  if (INTERNAL_OUT && sourceSlot !== 0 && targetSlot !== 0) {
    stage(lineOut(sourceSlot), what, bytes, flowHash(SEED, fold(e, f, g, h), ports, protocol), header)
  }
  return 1
}

/** Counts a packet of a line: at once, or with the others of its stage when counters do not stay in the caches. */
const stage = (line: number, what: number, bytes: number, hash: number, header: number): void => {
  if (S[SCOUTING] === 0) {
    countLine(line, what, bytes, hash, header)
    return
  }
  const at = S[STAGED]!
  P[at | P_LINE] = line
  P[at | P_WHAT] = what | (bytes << BYTES_SHIFT)
  P[at | P_HASH] = hash
  P[at | P_HEADER] = header
  S[STAGED] = (at + P_WORDS) | 0
}

/** Counts what is staged: the counters of all are asked for first, so that they come together. */
const countStaged = (): void => {
  const end = S[STAGED]!
  let ahead = 0
  for (let at = 0; at < end; at = (at + P_WORDS) | 0) {
    const b = P[at | P_LINE]! << LINE_BITS
    ahead ^= C[b]! ^ C[b | SKETCH]!
  }
  // Kept, so that it is read at all.
  S[AHEAD] = ahead
  for (let at = 0; at < end; at = (at + P_WORDS) | 0) {
    const what = P[at | P_WHAT]!
    countLine(P[at | P_LINE]!, what & 63, what >>> BYTES_SHIFT, P[at | P_HASH]!, P[at | P_HEADER]!)
  }
  S[STAGED] = 0
}

/** The packet in hand, through the decoder. `header` is its ring header's word, -1 when it has none. */
const countDecoded = (header: number): void => {
  const { at, captured, wire, link } = HELD
  const outcome = decodeFrame(VIEW, at, at + captured, link, INNER, SAMPLE)
  T[TO_OUTCOME + outcome] = (T[TO_OUTCOME + outcome]! + 1) | 0
  if (LENGTH_FROM_IP) S[STATED] = wire
  if (outcome !== DECODED) return
  const s = SAMPLE
  const v6 = s.family === 6
  const targetSlot = v6 ? slot6(s.targetA, s.targetB, s.targetC, s.targetD) : slot4(s.targetA)
  const sourceSlot = v6 ? slot6(s.sourceA, s.sourceB, s.sourceC, s.sourceD) : slot4(s.sourceA)
  const bytes = LENGTH_FROM_IP && s.ipLength > 0 ? s.ipLength : wire
  if (LENGTH_FROM_IP) S[STATED] = bytes
  const protocol = s.protocol
  let kind = CLASS_OF[protocol]!
  if (kind === TCP && (s.tcpFlags & 2) !== 0) kind = SYN
  // As they stand on the wire: a flow is the same one whichever way its packets come in.
  const ports = swap16(s.sourcePort) | (swap16(s.targetPort) << 16)
  const isFlow = FLOWS_ON && (FLOWS_ALL || (!v6 && (kind === TCP || kind === SYN || protocol === 17)))
  const what = kind | (s.isFragment === 0 ? 0 : IS_FRAGMENT) | (isFlow ? IS_FLOW : 0)
  let line = lineOf(targetSlot, sourceSlot, v6 ? TO_IPV6 : 0, bytes)
  let next = sourceSlot !== 0 && targetSlot !== 0 && INTERNAL_OUT ? lineOut(sourceSlot) : 0
  while ((line | next) !== 0) {
    const remote = isFlow ? remoteWord(s, (line & BANK_SLOTS) === 0, SEED, OTHER_SEED) : 0
    if (line !== 0) countLine(line, what, bytes, flowHash(SEED, remote, ports, protocol), header)
    line = next
    next = 0
  }
}

/** Adds to the totals of the packet's direction; gives the line it counts for first, 0 for none. */
const lineOf = (targetSlot: number, sourceSlot: number, totals: number, bytes: number): number => {
  let direction: number = TO_OTHER
  let line = 0
  if (targetSlot !== 0 && sourceSlot !== 0) {
    direction = TO_INTERNAL
    line = INTERNAL_IN ? lineIn(targetSlot) : 0
  } else if (targetSlot !== 0) {
    direction = TO_INCOMING
    line = lineIn(targetSlot)
  } else if (sourceSlot !== 0) {
    direction = TO_OUTGOING
    line = lineOut(sourceSlot)
  }
  if ((!INCOMING && direction === TO_INCOMING) || (!OUTGOING && direction === TO_OUTGOING)) {
    T[TO_IGNORED] = (T[TO_IGNORED]! + 1) | 0
    return 0
  }
  const word = direction + totals
  T[word] = (T[word]! + 1) | 0
  T[word + 1] = (T[word + 1]! + bytes) | 0
  return line
}

/** Lines of a slot (host-tables.ts), worked out here because this runs for each packet. */
const lineIn = (slot: number): number => (slot + (slot & -BANK_SLOTS)) | 0
const lineOut = (slot: number): number => (slot + (slot & -BANK_SLOTS) + BANK_SLOTS) | 0

/** Adds a packet to one line of the counters and of the flow sketch; slots of page 0 count prefixes. */
const countLine = (line: number, what: number, bytes: number, h: number, header: number): void => {
  const kind = what & 15
  // A line begins at a multiple of its words, so a place in it is an `or`, which cannot overflow.
  const b = line << LINE_BITS
  const count = (C[b | kind]! + 1) | 0
  const octets = C[b | kind | 1]!
  C[b | kind] = count
  C[b | kind | 1] = (octets + bytes) | 0
  if ((what & IS_FRAGMENT) !== 0) {
    C[b | FRAGMENT] = (C[b | FRAGMENT]! + 1) | 0
    C[b | FRAGMENT | 1] = (C[b | FRAGMENT | 1]! + bytes) | 0
  }
  if (C[b | STAMP] !== S[WINDOW]!) touch(line, b)
  if ((count & S[HALF_MASK]!) === 0 || (octets ^ (octets + bytes)) >>> S[HALF_BITS]! !== 0)
    announce(line, bytes)
  if ((what & IS_FLOW) !== 0) {
    // The low half chooses the register, the leading zeros of the high half and a bit more its rank.
    const index = Math.imul(h & 0xffff, SKETCH_REGISTERS) >>> 16
    const register = ((b | SKETCH) << 2) | (index >>> 1)
    const shift = (index & 1) << 2
    const held = B[register]!
    const rank = (Math.clz32(h | 0xffff) + 1) | 0
    if (rank > ((held >>> shift) & 15)) raiseRank(B, C, F, b, register, shift, rank)
  }
  const watch = C[b | WATCH]!
  if (watch !== 0 && (count & (watch - 1)) === 0) keepWatched(watch, bytes, header)
}

/** The first packet of a line in this window: its stamp tells the reader; the window of its flows begins. */
const touch = (line: number, b: number): void => {
  rollWindow(TABLES, line, C[b + STAMP]!, S[WINDOW]!)
  C[b + STAMP] = S[WINDOW]!
  S[TOUCHED] = (S[TOUCHED]! + 1) | 0
  if (S[TOUCHED]! > SCOUTING_LINES) S[SCOUTING] = 1
  SEEN[layout.slotOfLine(line) >>> 8] = S[WINDOW]!
}

/** A line has passed a mark, half of what makes it busy: its second one in a tick announces it. Of many slow lines some pass one in each. */
const announce = (line: number, bytes: number): void => {
  const at = line & (MARKED.length - 1)
  const held = MARKED[at]!
  if (held === -1 && S[HALF_MASK] !== 0 && bytes >>> S[HALF_BITS]! < 2) {
    MARKED[at] = line
    return
  }
  if (held === ~line) return
  if (held === line || held === -1) MARKED[at] = ~line
  BUSY[S[BUSY_HEAD]! & BUSY_MASK] = line
  S[BUSY_HEAD] = (S[BUSY_HEAD]! + 1) | 0
}

/** Slot of an IPv4 address (little-endian word), 0 when it is not ours. */
const slot4 = (ip: number): number => {
  if ((SOME[(ip & 0xffff) >>> 5]! & (1 << (ip & 31))) === 0) return 0
  const entry = SECOND[(FIRST[ip & 0xffff]! << 8) + ((ip >>> 16) & 255)]!
  if (entry < 256) return entry === 0 ? 0 : SLOTS.missV4(ip)
  // Now, and not when its packet is counted: nobody may take the page for another host meanwhile.
  SEEN[entry >>> 8] = S[WINDOW]!
  return (entry + (ip >>> 24)) | 0
}

const fold = (a: number, b: number, c: number, d: number): number => FOLD(a, b, c, d, SEED, OTHER_SEED)

const slot6 = (a: number, b: number, c: number, d: number): number => {
  if (FIRST6[filterIndex(a)] === 0) return 0
  let home = MIX(fold(a, b, c, d)) & MASK6
  for (;;) {
    const slot = HASH6[home]!
    if (slot === 0) {
      // What is staged is counted first: a host of it may have to give its slot to this one.
      if (S[STAGED]! > 0) countStaged()
      return SLOTS.missV6(a, b, c, d)
    }
    const k = slot << 2
    if (KEYS[k + 3] === d && KEYS[k + 2] === c && KEYS[k + 1] === b && KEYS[k] === a) return slot
    home = (home + 1) & MASK6
  }
}

/** Copies a packet of a watched host, as long as this epoch's share lasts. */
const keepWatched = (weight: number, bytes: number, header: number): void => {
  if (S[WATCH_LEFT]! === 0) {
    CTRL[CONTROL.watchSkipped] = (CTRL[CONTROL.watchSkipped]! + 1) | 0
    return
  }
  S[WATCH_LEFT]!--
  if (header >= 0) hold(header)
  writeSample(WATCHED, SNAP, W, HELD, weight, bytes)
}

/** Whether a little-endian EtherType is that of a VLAN tag. */
const isTag = (type: number): boolean => type === 0x0081 || type === 0xa888

const swap16 = (half: number): number => ((half & 255) << 8) | (half >>> 8)
