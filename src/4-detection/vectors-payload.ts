// What the first bytes of a payload tell of a protocol. Nothing outside `at` to `end` is read.

/** 1: an answer of this protocol; -1: something else; 0: cannot be told. */
export type Proof = -1 | 0 | 1
export type PayloadProof = (frame: DataView, at: number, end: number) => Proof

const verdict = (isProof: boolean): Proof => (isProof ? 1 : -1)

export function startsWith(frame: DataView, at: number, end: number, text: string): boolean {
  if (end - at < text.length) return false
  for (let i = 0; i < text.length; i++) if (frame.getUint8(at + i) !== text.charCodeAt(i)) return false
  return true
}

/** Text that an answer begins with. */
export const text =
  (...starts: readonly string[]): PayloadProof =>
  (frame, at, end) =>
    verdict(starts.some(start => startsWith(frame, at, end, start)))

/** A byte whose bits under `mask` are `value`. */
export const byte =
  (place: number, mask: number, ...values: readonly number[]): PayloadProof =>
  (frame, at, end) =>
    verdict(end - at > place && values.includes(frame.getUint8(at + place) & mask))

export const word16 =
  (place: number, ...values: readonly number[]): PayloadProof =>
  (frame, at, end) =>
    verdict(end - at >= place + 2 && values.includes(frame.getUint16(at + place)))

export const word32 =
  (place: number, ...values: readonly number[]): PayloadProof =>
  (frame, at, end) =>
    verdict(end - at >= place + 4 && values.includes(frame.getUint32(at + place)))

export const all =
  (...proofs: readonly PayloadProof[]): PayloadProof =>
  (frame, at, end) =>
    verdict(proofs.every(proof => proof(frame, at, end) === 1))

/** Nothing that can be told from the bytes; an empty payload is no answer all the same. */
export const some: PayloadProof = (_frame, at, end) => (end > at ? 0 : -1)

const PRINTABLE_BYTES = 8

export const printable: PayloadProof = (frame, at, end) => {
  if (end - at < PRINTABLE_BYTES) return -1
  for (let i = at; i < at + PRINTABLE_BYTES; i++) {
    const value = frame.getUint8(i)
    if ((value < 0x20 || value > 0x7e) && value !== 0x0a && value !== 0x0d) return -1
  }
  return 1
}

/** DNS and its kin: a header with QR set (RFC 1035, 4.1.1). */
export const dnsAnswer: PayloadProof = (frame, at, end) =>
  verdict(end - at >= 12 && (frame.getUint8(at + 2) & 0x80) !== 0)

/** An answer in control or private mode (RFC 9327; ntpdc): time itself is told in modes 1 to 5. */
export const ntpAnswer: PayloadProof = (frame, at, end) => {
  if (end - at < 4) return -1
  const first = frame.getUint8(at)
  const mode = first & 7
  if (mode === 7) return verdict((first & 0x80) !== 0)
  return verdict(mode === 6 && (frame.getUint8(at + 1) & 0x80) !== 0)
}

/** The frame header of memcached over UDP: number and count of datagrams, then two zero bytes. */
export const memcachedAnswer: PayloadProof = (frame, at, end) => {
  if (end - at < 12 || frame.getUint16(at + 6) !== 0) return -1
  const count = frame.getUint16(at + 4)
  return verdict(count > 0 && frame.getUint16(at + 2) < count)
}

const SNMP_RESPONSE = 0xa2

/** An SNMP message: version, community, then a Response (RFC 3416, 3). */
export const snmpAnswer: PayloadProof = (frame, at, end) => {
  if (end - at < 8 || frame.getUint8(at) !== 0x30) return -1
  const long = frame.getUint8(at + 1)
  const version = at + 2 + (long >= 0x80 ? long & 0x7f : 0)
  const community = version + 3
  if (community + 2 > end || frame.getUint8(version) !== 2) return -1
  // Version 3 hides what it carries.
  if (frame.getUint8(community) !== 4) return 0
  const command = community + 2 + frame.getUint8(community + 1)
  return command < end ? verdict(frame.getUint8(command) === SNMP_RESPONSE) : 0
}

/** A binding answer with the magic cookie (RFC 8489, 5); media relayed from the same port is neither. */
export const stunAnswer: PayloadProof = (frame, at, end) =>
  verdict(end - at >= 8 && frame.getUint16(at) === 0x0101 && frame.getUint32(at + 4) === 0x2112a442)

/** A record of DTLS that is a handshake (RFC 9147, 4). */
export const dtlsAnswer: PayloadProof = (frame, at, end) =>
  verdict(end - at >= 3 && frame.getUint8(at) === 22 && frame.getUint8(at + 1) === 0xfe)

/** A long header of QUIC (RFC 9000, 17.2): what a server sends before it knows the address. */
export const quicAnswer: PayloadProof = (frame, at, end) =>
  verdict(end - at >= 5 && (frame.getUint8(at) & 0xc0) === 0xc0 && frame.getUint32(at + 1) <= 0x6b33_43cf)

/** The first messages of a key exchange (RFC 2408, 3.1; RFC 7296, 3.1). */
export const isakmpAnswer: PayloadProof = (frame, at, end) =>
  verdict(
    end - at >= 28 &&
      [0x10, 0x20].includes(frame.getUint8(at + 17)) &&
      [2, 4, 34].includes(frame.getUint8(at + 18)),
  )
