// Address of a Unix socket (struct sockaddr_un, unix(7)).

/** Family, then 108 bytes of path. */
export const SOCKADDR_UN = { bytes: 110, family: 0, path: 2, pathBytes: 108 } as const

export const AF_UNIX = 1

/**
 * The bytes of an address: a path that begins with `/` and ends with a zero, or with `@` for a name in the abstract
 * namespace, where the zero stands first. `undefined` when it is neither or too long.
 */
export function encodeUnixAddress(path: string): Uint8Array<ArrayBuffer> | undefined {
  const name = Buffer.from(path)
  const isAbstract = path.startsWith('@')
  if (!isAbstract && !path.startsWith('/')) return undefined
  if (name.length < 2 || name.length + (isAbstract ? 0 : 1) > SOCKADDR_UN.pathBytes) return undefined
  const address = new Uint8Array(SOCKADDR_UN.path + name.length + (isAbstract ? 0 : 1))
  new DataView(address.buffer).setUint16(SOCKADDR_UN.family, AF_UNIX, true)
  address.set(name, SOCKADDR_UN.path)
  if (isAbstract) address[SOCKADDR_UN.path] = 0
  return address
}
