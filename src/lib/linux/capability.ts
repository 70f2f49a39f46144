// Capabilities of the calling thread (capabilities(7)): which it has, and giving up those it does not need.

import { readFileSync } from 'node:fs'
import { capset, must, prctl } from './libc.ts'

/** Numbers of linux/capability.h, those a daemon may care to keep. */
export const CAPABILITY = {
  chown: 0,
  dacOverride: 1,
  kill: 5,
  setgid: 6,
  setuid: 7,
  netBindService: 10,
  netAdmin: 12,
  netRaw: 13,
  ipcLock: 14,
  sysAdmin: 21,
  sysNice: 23,
  sysResource: 24,
  perfmon: 38,
  bpf: 39,
} as const

export type Capability = keyof typeof CAPABILITY

/** Sets as bit masks: bit n is capability number n. */
export interface CapabilitySets {
  readonly permitted: bigint
  readonly effective: bigint
}

/** struct __user_cap_header_struct and twice struct __user_cap_data_struct, as 32-bit words. */
export const CAPABILITY_LAYOUT = { headerWords: 2, setWords: 6, version3: 0x2008_0522 } as const

/** Whether the calling thread may use the capability now. */
export function hasCapability(capability: Capability): boolean {
  return (ownCapabilities().effective & bit(capability)) !== 0n
}

/** Sets of the calling thread. */
export function ownCapabilities(): CapabilitySets {
  return parseCapabilities(readFileSync('/proc/thread-self/status', 'utf8'))
}

/**
 * Gives up all capabilities of the calling thread but these, for good; throws `SystemCallError`. Those it did not have
 * it does not gain.
 *
 * The kernel keeps capabilities per thread. Threads inherit them when they are started, so this is called before any
 * worker is; threads Node has started by then (compiler, garbage collector, a file system pool in use) keep theirs,
 * but run no code of ours. A program executed by uid 0 is given all of root's capabilities again by the kernel, so a
 * notify script still runs as the root it expects; one executed by another user is given none, ambient ones included,
 * but for what is lent to it: of `lendable`.
 */
export function keepOnly(capabilities: readonly Capability[], lendable: readonly Capability[] = []): void {
  const keep = maskOfAll(capabilities)
  const { permitted } = ownCapabilities()
  const header = new Uint32Array(CAPABILITY_LAYOUT.headerWords)
  header[0] = CAPABILITY_LAYOUT.version3
  must(capset(header, encodeSets(permitted & keep, permitted & maskOfAll(lendable))), 'capset')
}

/** prctl(2), PR_CAP_AMBIENT. */
const AMBIENT = { option: 47, raise: 2, lower: 3 } as const

/**
 * Does something that starts a program, which is given the capability: it alone, and whatever its user. Where this
 * thread may not lend it, the program is started without; it will say what it lacks.
 */
export function lending<Value>(capability: Capability, start: () => Value): Value {
  const number = CAPABILITY[capability]
  const isLent = prctl(AMBIENT.option, AMBIENT.raise, number, 0, 0) === 0
  try {
    return start()
  } finally {
    if (isLent) must(prctl(AMBIENT.option, AMBIENT.lower, number, 0, 0), 'prctl')
  }
}

/** Words for capset(2): effective and permitted alike, and what is inheritable; first the low halves, then the high. */
export function encodeSets(mask: bigint, inheritable = 0n): Uint32Array {
  const low = (set: bigint) => Number(set & 0xffff_ffffn)
  const high = (set: bigint) => Number(set >> 32n)
  return Uint32Array.of(low(mask), low(mask), low(inheritable), high(mask), high(mask), high(inheritable))
}

const maskOfAll = (capabilities: readonly Capability[]): bigint =>
  capabilities.reduce((mask, capability) => mask | bit(capability), 0n)

/** Reads the lines CapPrm and CapEff of /proc/PID/status; a set that is not there is empty. */
export function parseCapabilities(status: string): CapabilitySets {
  return { permitted: maskOf(status, 'CapPrm'), effective: maskOf(status, 'CapEff') }
}

function maskOf(status: string, name: string): bigint {
  const hex = new RegExp(`^${name}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1]
  return hex === undefined ? 0n : BigInt(`0x${hex}`)
}

const bit = (capability: Capability): bigint => 1n << BigInt(CAPABILITY[capability])
