// Settings of the kernel that a SYN proxy needs (sysctl): looked at always, changed only by consent, and put back in the end.
//
// What they were is kept in the names of empty chains in our own table: it outlives this program, and goes with the table.

import { readFileSync, writeFileSync } from 'node:fs'

export interface KernelSetting {
  /** Below /proc/sys/net. */
  readonly path: string
  readonly wanted: string
  readonly why: string
}

const LOOSE: KernelSetting = {
  path: 'netfilter/nf_conntrack_tcp_loose',
  wanted: '0',
  why: 'else the kernel takes the answer of a client for a connection that was there before, and it hangs',
}
const COOKIES: KernelSetting = {
  path: 'ipv4/tcp_syncookies',
  wanted: '1',
  why: 'the SYN proxy answers with SYN cookies',
}
const TIMESTAMPS: KernelSetting = {
  path: 'ipv4/tcp_timestamps',
  wanted: '1',
  why: 'window scale and SACK of the client travel in the timestamp',
}

export const settingsFor = (synProxy: 'none' | 'plain' | 'with-timestamps'): readonly KernelSetting[] => {
  if (synProxy === 'none') return []
  return synProxy === 'plain' ? [LOOSE, COOKIES] : [LOOSE, COOKIES, TIMESTAMPS]
}

/** How the kernel is asked; tests have one of their own. */
export interface KernelSettings {
  /** `undefined`: there is no such setting. */
  read(path: string): string | undefined
  /** What went wrong; `undefined`: nothing. */
  write(path: string, value: string): string | undefined
}

export const KERNEL: KernelSettings = {
  read: path => {
    try {
      return readFileSync(`/proc/sys/net/${path}`, 'utf8').trim()
    } catch {
      return undefined
    }
  },
  write: (path, value) => {
    try {
      writeFileSync(`/proc/sys/net/${path}`, `${value}\n`)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  },
}

/** Those that are not as they have to be. Cookies may also be sent always (2). */
export const wrongSettings = (wanted: readonly KernelSetting[], kernel: KernelSettings): KernelSetting[] =>
  wanted.filter(setting => {
    const value = kernel.read(setting.path)
    return value !== setting.wanted && !(setting === COOKIES && value === '2')
  })

export const settingText = ({ path, wanted, why }: KernelSetting): string =>
  `sysctl -w net.${path.replaceAll('/', '.')}=${wanted} (${why})`

const MARK = 'm/before/'

/** What a setting was before us. */
export interface Before {
  readonly path: string
  readonly value: string
}

export const markOf = ({ path, value }: Before): string => `${MARK}${path}/${value}`

/** Only settings that this file knows are ever put back. */
export const beforeOf = (chains: readonly string[]): Before[] =>
  chains.flatMap(chain =>
    [LOOSE, COOKIES, TIMESTAMPS].flatMap(({ path }) => {
      const start = `${MARK}${path}/`
      const value = chain.slice(start.length)
      return chain.startsWith(start) && /^\d$/.test(value) ? [{ path, value }] : []
    }),
  )
