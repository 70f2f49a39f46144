// The table of system calls: the same names for both machines, and numbers that mean what they say on this one.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { syscall } from './libc.ts'
import { SYSCALL, syscallNumber } from './syscall-number.ts'

test('both machines have the same names and no number twice', () => {
  const x64 = Object.keys(SYSCALL.x64)
  const arm64 = Object.keys(SYSCALL.arm64)

  assert.deepEqual(arm64.toSorted(), x64.toSorted())
  assert.equal(new Set(Object.values(SYSCALL.x64)).size, x64.length)
  assert.equal(new Set(Object.values(SYSCALL.arm64)).size, arm64.length)
})

test('gettid on the main thread answers the process number', () => {
  const thread = Number(syscall(syscallNumber('gettid'), 0, 0, 0, 0, 0, 0))

  assert.equal(thread, process.pid)
})

test('a machine without a table is refused', () => {
  assert.throws(() => syscallNumber('bpf', 'riscv64'), /no system call numbers for riscv64/)
})
