import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AD_PACKET_TYPE,
  AD_PROTOCOL,
  captureFilter,
  encodeFilter,
  type Instruction,
  JUMP_IF_EQUAL,
  LOAD,
  RETURN,
} from './filter.ts'
import { PACKET_TYPE } from './layout.ts'

const IPV4 = 0x0800
const IPV6 = 0x86dd
const ARP = 0x0806

/** Runs a program as the kernel would; the answer is how many bytes of the packet are taken. */
function run(program: readonly Instruction[], packet: { type: number; protocol: number }): number {
  let loaded = 0
  for (let at = 0; at < program.length; at++) {
    const [code, ifTrue, ifFalse, operand] = program[at]!
    if (code === RETURN) return operand
    if (code === JUMP_IF_EQUAL) at += loaded === operand ? ifTrue : ifFalse
    else {
      assert.equal(code, LOAD)
      assert.ok(operand === AD_PACKET_TYPE || operand === AD_PROTOCOL)
      loaded = operand === AD_PACKET_TYPE ? packet.type : packet.protocol
    }
  }
  return assert.fail('a program ends with a return')
}

test('without restrictions every packet is taken up to the snap length', () => {
  const program = captureFilter({ snapBytes: 128, ingressOnly: false, ipOnly: false })

  assert.equal(program.length, 1)
  assert.equal(run(program, { type: PACKET_TYPE.outgoing, protocol: ARP }), 128)
})

test('what this machine sends is left out on ingress, everything else is taken', () => {
  const program = captureFilter({ snapBytes: 96, ingressOnly: true, ipOnly: false })

  for (const type of Object.values(PACKET_TYPE)) {
    assert.equal(run(program, { type, protocol: ARP }), type === PACKET_TYPE.outgoing ? 0 : 96)
  }
})

test('without a link layer only IPv4 and IPv6 are taken, in either direction', () => {
  for (const ingressOnly of [true, false]) {
    const program = captureFilter({ snapBytes: 1500, ingressOnly, ipOnly: true })

    assert.equal(run(program, { type: PACKET_TYPE.host, protocol: IPV4 }), 1500)
    assert.equal(run(program, { type: PACKET_TYPE.otherHost, protocol: IPV6 }), 1500)
    assert.equal(run(program, { type: PACKET_TYPE.host, protocol: ARP }), 0)
    assert.equal(run(program, { type: PACKET_TYPE.outgoing, protocol: IPV6 }), ingressOnly ? 0 : 1500)
  }
})

test('a program is eight little-endian bytes per instruction', () => {
  const bytes = encodeFilter([[JUMP_IF_EQUAL, 2, 1, 0xffff_f004]])

  assert.deepEqual([...bytes], [0x15, 0, 2, 1, 0x04, 0xf0, 0xff, 0xff])
})
