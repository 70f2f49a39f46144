// Two network namespaces joined by a veth pair, for tests that send frames into one end and capture at the other.
//
// A namespace belongs to a thread, so the test's own thread enters one (setns(2)), opens what it needs there and
// leaves again; a socket stays in the namespace it was opened in.

import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { bind, close, interfaceIndex, must, sendto, socket, syscall } from '#lib/linux/libc.ts'
import { syscallNumber } from '#lib/linux/syscall-number.ts'

export const RECEIVER = 'rx0'
export const SENDER = 'tx0'

const CLONE_NEWNET = 0x4000_0000
const AF_PACKET = 17
const SOCK_RAW_CLOEXEC = 3 | 0x80000
const SOCKADDR_LL_BYTES = 20

let pairs = 0

export class VethPair {
  readonly receiving: string
  readonly sending: string

  /** Makes both namespaces and the pair; all is gone when the test ends, however it ends. */
  constructor(t: TestContext) {
    const name = `fw-test-${process.pid}-${pairs++}`
    this.receiving = `${name}-rx`
    this.sending = `${name}-tx`
    for (const namespace of [this.receiving, this.sending]) {
      ip('netns', 'add', namespace)
      t.after(() => ip('netns', 'del', namespace))
      // No neighbour discovery between our frames.
      within(namespace, () => writeFileSync('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1'))
    }
    this.connect()
  }

  /** Makes the pair of interfaces, as at first or after `disconnect`. */
  connect(): void {
    ip('-n', this.sending, 'link', 'add', SENDER, 'type', 'veth', 'peer', RECEIVER, 'netns', this.receiving)
    ip('-n', this.sending, 'link', 'set', SENDER, 'up')
    ip('-n', this.receiving, 'link', 'set', RECEIVER, 'up')
  }

  /** Deletes both interfaces. */
  disconnect(): void {
    ip('-n', this.sending, 'link', 'del', SENDER)
  }

  /** Runs `ip` on the receiving namespace. */
  atReceiver(...words: string[]): string {
    return ip('-n', this.receiving, ...words)
  }

  /** Sends frames towards the receiver. */
  send(frames: readonly Uint8Array[]): void {
    within(this.sending, () => sendFrames(SENDER, frames))
  }

  /** Sends frames from the receiving side: what a capture there sees as outgoing. */
  sendBack(frames: readonly Uint8Array[]): void {
    within(this.receiving, () => sendFrames(RECEIVER, frames))
  }
}

export function ip(...words: string[]): string {
  return execFileSync('ip', words, { encoding: 'utf8' })
}

/** Runs `act` with this thread in the namespace. `act` must not wait: whatever else runs meanwhile would be there too. */
export function within<Result>(namespace: string, act: () => Result): Result {
  const home = openSync('/proc/thread-self/ns/net', 'r')
  try {
    const there = openSync(`/run/netns/${namespace}`, 'r')
    enter(there)
    closeSync(there)
    return act()
  } finally {
    enter(home)
    closeSync(home)
  }
}

function enter(namespaceFd: number): void {
  must(Number(syscall(syscallNumber('setns'), namespaceFd, CLONE_NEWNET, 0, 0, 0, 0)), 'setns')
}

function sendFrames(name: string, frames: readonly Uint8Array[]): void {
  const fd = must(socket(AF_PACKET, SOCK_RAW_CLOEXEC, 0), 'socket')
  try {
    const address = new DataView(new ArrayBuffer(SOCKADDR_LL_BYTES))
    address.setUint16(0, AF_PACKET, true)
    address.setInt32(4, interfaceIndex(name), true)
    must(bind(fd, address, SOCKADDR_LL_BYTES), 'bind')
    for (const frame of frames) {
      must(Number(sendto(fd, frame, frame.length, 0, address, SOCKADDR_LL_BYTES)), 'sendto')
    }
  } finally {
    close(fd)
  }
}
