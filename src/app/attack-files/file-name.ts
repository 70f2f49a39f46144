// Names of the files of an attack, in FastNetMon's form, and which names in a directory are such.

const two = (value: number): string => String(value).padStart(2, '0')

/** `20_11_26_10:11:49` in local time, of milliseconds since 1970 UTC. */
export function stampText(atMs: number): string {
  const at = new Date(atMs)
  const date = `${two(at.getDate())}_${two(at.getMonth() + 1)}_${two(at.getFullYear() % 100)}`
  return `${date}_${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** `10.99.1.1_20_11_26_10:11:49`. Whatever the host is, the name stays within its directory. */
export const fileStem = (host: string, openedAt: number): string =>
  `${host.replaceAll(/[^0-9A-Za-z.:]/g, '-').slice(0, 64)}_${stampText(openedAt)}`

const NAME = /^[0-9A-Za-z.:-]{1,64}(?:_\d\d){3}_\d\d:\d\d:\d\d(?:_link\d+)?(?:_\d)?\.(?:txt|pcap)$/

/** Whether a file of this name may be one of an attack. */
export const isAttackFile = (name: string): boolean => NAME.test(name) && !name.startsWith('.')
