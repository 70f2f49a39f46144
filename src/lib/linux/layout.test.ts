// The shapes of kernel structures and the numbers of system calls that this folder relies on, in one table.
//
// From the kernel's headers (include/uapi). Both machines are 64-bit and little-endian, with pointers and `long` of eight
// bytes and natural alignment, so every structure here has one shape; the system calls alone are numbered differently.
// The shapes were run on x64; for arm64 they are what the headers say.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CAPABILITY, CAPABILITY_LAYOUT } from './capability.ts'
import { IFREQ, INTERFACE_NAME_MAX } from './interface-request.ts'
import { MESSAGE, VECTOR } from './message.ts'
import { UCRED } from './peer.ts'
import { SYSCALL } from './syscall-number.ts'
import { AF_UNIX, SOCKADDR_UN } from './unix-address.ts'

const WORD = 4

test('structures have the kernel shape, the same on x64 and arm64', () => {
  // net/if.h: union of 24 bytes behind a name of IFNAMSIZ.
  assert.deepEqual(IFREQ, { bytes: 40, name: 0, nameBytes: 16, value: 16 })
  assert.equal(INTERFACE_NAME_MAX, 15)
  // linux/un.h
  assert.deepEqual(SOCKADDR_UN, { bytes: 110, family: 0, path: 2, pathBytes: 108 })
  assert.equal(AF_UNIX, 1)
  // linux/socket.h: struct ucred of three 32-bit numbers.
  assert.equal(UCRED.words * WORD, 12)
  assert.deepEqual([UCRED.pid, UCRED.uid, UCRED.gid], [0, 1, 2])
  // linux/capability.h: a header of 8 bytes, two data structures of 12.
  assert.equal(CAPABILITY_LAYOUT.headerWords * WORD, 8)
  assert.equal(CAPABILITY_LAYOUT.setWords * WORD, 24)
  assert.equal(CAPABILITY_LAYOUT.version3, 0x20080522)
  // linux/socket.h: struct mmsghdr and struct iovec.
  assert.deepEqual(MESSAGE, { bytes: 64, vectorPointer: 16, vectorCount: 24 })
  assert.deepEqual(VECTOR, { bytes: 16, base: 0, length: 8 })
})

test('capabilities have the numbers of linux/capability.h', () => {
  assert.deepEqual(CAPABILITY, {
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
  })
})

test('system calls have the numbers of asm/unistd_64.h on x64 and of asm-generic/unistd.h on arm64', () => {
  const expected: readonly [keyof typeof SYSCALL.x64, number, number][] = [
    ['bpf', 321, 280],
    ['capget', 125, 90],
    ['capset', 126, 91],
    ['gettid', 186, 178],
    ['memfd_create', 319, 279],
    ['perf_event_open', 298, 241],
    ['prctl', 157, 167],
    ['recvmmsg', 299, 243],
    ['sched_setaffinity', 203, 122],
    ['sendmmsg', 307, 269],
    ['setns', 308, 268],
  ]

  for (const [name, x64, arm64] of expected) {
    assert.deepEqual([SYSCALL.x64[name], SYSCALL.arm64[name]], [x64, arm64], name)
  }
  assert.equal(Object.keys(SYSCALL.x64).length, expected.length, 'every number stands in this table')
})
