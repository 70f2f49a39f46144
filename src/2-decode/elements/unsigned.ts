// Hot path. Numbers of any length: IPFIX lets an exporter send every number in fewer bytes than its type has (RFC 7011, 6.2).

/** The big-endian number at `at`; above 2^53 the nearest one. A length of 0 or above 8 reads nothing and is 0. */
export function unsigned(view: DataView, at: number, length: number): number {
  switch (length) {
    case 1:
      return view.getUint8(at)
    case 2:
      return view.getUint16(at)
    case 4:
      return view.getUint32(at)
    case 8:
      return view.getUint32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
    case 3:
    case 5:
    case 6:
    case 7:
      return oddLength(view, at, length)
    default:
      return 0
  }
}

function oddLength(view: DataView, at: number, length: number): number {
  let value = 0
  for (let i = 0; i < length; i++) value = value * 256 + view.getUint8(at + i)
  return value
}
