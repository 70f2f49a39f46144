import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCK, BLOCK_BYTES, BLOCK_WORDS, PACKET_TYPE, SLOT_STATUS, STATUS, TPACKET3 } from './layout.ts'
import { PACKET_MREQ, SOCK_FPROG, SOCKADDR_LL, TPACKET_REQ3_WORDS, TPACKET_STATS_V3_WORDS } from './socket.ts'

// offsetof and sizeof of linux/if_packet.h and linux/filter.h. Members are fixed-width integers, and pointers are eight
// bytes on both machines, so there is one table for x64 and arm64.

test('a block begins as struct tpacket_block_desc', () => {
  assert.equal(BLOCK.status * 4, 8)
  assert.equal(BLOCK.packets * 4, 12)
  assert.equal(BLOCK.first * 4, 16)
  assert.equal(BLOCK.lastSeconds * 4, 40)
  assert.equal(BLOCK.lastNanoseconds * 4, 44)
  assert.equal(BLOCK_WORDS * 4, BLOCK_BYTES)
  assert.deepEqual(STATUS, { kernel: 0, user: 1 })
})

test('a slot begins as struct tpacket3_hdr, with struct sockaddr_ll behind it', () => {
  const header = 48

  assert.equal(TPACKET3.nextOffset * 4, 0)
  assert.equal(TPACKET3.seconds * 4, 4)
  assert.equal(TPACKET3.nanoseconds * 4, 8)
  assert.equal(TPACKET3.captured * 4, 12)
  assert.equal(TPACKET3.wire * 4, 16)
  assert.equal(TPACKET3.status * 4, 20)
  assert.equal(TPACKET3.offsets * 4, 24)
  assert.equal(TPACKET3.vlanTci * 4, 32)
  assert.equal(TPACKET3.vlanTpid * 4, 36)
  assert.equal(TPACKET3.protocol * 4, header)
  assert.equal(TPACKET3.interfaceIndex * 4, header + 4)
  assert.equal(TPACKET3.packetType * 4, header + 8)
})

test('status bits and packet types are those of the kernel', () => {
  assert.deepEqual(SLOT_STATUS, { vlanValid: 0x10, vlanTpidValid: 0x40 })
  assert.deepEqual(PACKET_TYPE, { host: 0, broadcast: 1, multicast: 2, otherHost: 3, outgoing: 4 })
})

test('what we hand to the kernel has its shape', () => {
  assert.deepEqual(SOCKADDR_LL, { bytes: 20, family: 0, protocol: 2, ifindex: 4 })
  assert.deepEqual(PACKET_MREQ, { bytes: 16, ifindex: 0, type: 4 })
  assert.deepEqual(SOCK_FPROG, { bytes: 16, length: 0, filter: 8 })
  assert.equal(TPACKET_REQ3_WORDS * 4, 28)
  assert.equal(TPACKET_STATS_V3_WORDS * 4, 12)
})
