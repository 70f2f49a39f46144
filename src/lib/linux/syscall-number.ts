// Numbers of the Linux system calls Node and libc do not wrap, per machine (asm/unistd_64.h and asm-generic/unistd.h).

import { assert } from '#lib/assert.ts'

export const SYSCALL = {
  x64: {
    bpf: 321,
    capget: 125,
    capset: 126,
    gettid: 186,
    memfd_create: 319,
    perf_event_open: 298,
    prctl: 157,
    recvmmsg: 299,
    sched_setaffinity: 203,
    sendmmsg: 307,
    setns: 308,
  },
  arm64: {
    bpf: 280,
    capget: 90,
    capset: 91,
    gettid: 178,
    memfd_create: 279,
    perf_event_open: 241,
    prctl: 167,
    recvmmsg: 243,
    sched_setaffinity: 122,
    sendmmsg: 269,
    setns: 268,
  },
} as const

export type SyscallName = keyof (typeof SYSCALL)['x64']

/** Number of a system call on this machine; a machine we have no table for is a bug in the packaging. */
export function syscallNumber(name: SyscallName, machine: string = process.arch): number {
  assert(machine === 'x64' || machine === 'arm64', `no system call numbers for ${machine}`)
  return SYSCALL[machine][name]
}
