// The XDP program of the burst generator: writes a fresh header into each frame, counts it, and lets it pass.
//
// It is assembled for the traffic at hand, one branch for each template. Every branch writes the whole header, because
// the kernel hands frames out again after the stack has changed them (a VLAN tag is taken out in place, for example).

import { Assembler, immediate } from '#lib/ebpf/assembler.ts'
import { FUNCTION, type Register, XDP } from '#lib/ebpf/opcode.ts'
import type { PortRange, Template } from './template.ts'

/** What the program shares with its process: 64-bit words. */
export const SHARED = { packets: 0, bytes: 8, random: 16, size: 24 } as const

// Registers 6 to 9 outlive calls to the kernel.
const R0 = 0
const SCRATCH = 1
const SUM = 2
const SOURCE = 3
const TARGET = 4
const SHARED_VALUE = 5
const CONTEXT = 6
/** 64 random bits: source above, target below. */
const ADDRESS_BITS = 7
/** 64 random bits: ports above, choice of template below. */
const OTHER_BITS = 8
const FRAME = 9

/** Multiplier of the xorshift64* generator. */
const XORSHIFT_MULTIPLIER = 0x2545_f491_4f6c_dd1dn

/** Length of the frame the program must be given: that of the longest template. */
export const burstFrameBytes = (templates: readonly Template[]): number =>
  Math.max(...templates.map(template => template.frame.length))

/** The program for these templates; `sharedValue` is the map that holds `SHARED`. */
export function burstProgram(templates: readonly Template[], sharedValue: number): Uint8Array<ArrayBuffer> {
  const program = new Assembler()
  const frameBytes = burstFrameBytes(templates)
  const headerBytes = Math.max(...templates.map(template => template.headerBytes))
  program.mov(CONTEXT, 1).loadMapValue(SHARED_VALUE, sharedValue, 0)
  drawRandom(program)
  // The verifier wants to see that the longest header lies within the frame.
  program.load(4, FRAME, CONTEXT, 0).load(4, SCRATCH, CONTEXT, 4)
  program.mov(SUM, FRAME).alu('add', SUM, immediate(headerBytes)).jumpIf('greater', SUM, SCRATCH, 'drop')
  chooseTemplate(program, templates)
  for (const [index, template] of templates.entries()) {
    program.label(`template ${index}`)
    writeHeader(program, template, headerBytes)
    drawAddresses(program, template)
    writeAddresses(program, template)
    writeTransport(program, template)
    program.mov(SUM, immediate(template.frame.length)).jump('count')
  }
  program.label('count')
  add(program, SHARED.bytes, SUM)
  program.mov(SCRATCH, immediate(1))
  add(program, SHARED.packets, SCRATCH)
  program.alu('sub', SUM, immediate(frameBytes)).jumpIf('equal', SUM, immediate(0), 'pass')
  program.mov(1, CONTEXT).call(FUNCTION.xdpAdjustTail)
  program.label('pass').mov(R0, immediate(XDP.pass)).exit()
  program.label('drop').mov(R0, immediate(XDP.drop)).exit()
  return program.bytes()
}

/** Two steps of xorshift64*; one process runs the program at a time, so the state needs no lock. */
function drawRandom(program: Assembler): void {
  program.load(8, R0, SHARED_VALUE, SHARED.random).loadNumber(SUM, XORSHIFT_MULTIPLIER)
  for (const register of [ADDRESS_BITS, OTHER_BITS] as const) {
    program.mov(SCRATCH, R0).alu('shiftRight', SCRATCH, immediate(12)).alu('xor', R0, SCRATCH)
    program.mov(SCRATCH, R0).alu('shiftLeft', SCRATCH, immediate(25)).alu('xor', R0, SCRATCH)
    program.mov(SCRATCH, R0).alu('shiftRight', SCRATCH, immediate(27)).alu('xor', R0, SCRATCH)
    program.mov(register, R0).alu('mul', register, SUM)
  }
  program.store(8, SHARED_VALUE, SHARED.random, R0)
}

/** Goes to a template as often as its weight says: 31 random bits against the templates' upper bounds. */
function chooseTemplate(program: Assembler, templates: readonly Template[]): void {
  const total = templates.reduce((sum, template) => sum + template.weight, 0)
  program.alu32('mov', SCRATCH, OTHER_BITS).alu('shiftRight', SCRATCH, immediate(1))
  let upTo = 0
  for (const [index, template] of templates.slice(0, -1).entries()) {
    upTo += template.weight
    program.jumpIf('less', SCRATCH, immediate(Math.floor((upTo / total) * 0x7fff_ffff)), `template ${index}`)
  }
  program.jump(`template ${templates.length - 1}`)
}

/** Writes as far as the longest header reaches, so that nothing of an earlier one is left in a payload. */
function writeHeader(program: Assembler, template: Template, longestHeader: number): void {
  const view = new DataView(template.frame.buffer)
  const end = Math.min(longestHeader, template.frame.length)
  let at = 0
  for (; at + 4 <= end; at += 4) program.store(4, FRAME, at, immediate(view.getInt32(at, true)))
  for (; at < end; at++) program.store(1, FRAME, at, immediate(view.getUint8(at)))
}

function drawAddresses(program: Assembler, { sources, targets }: Template): void {
  program.mov(SOURCE, ADDRESS_BITS).alu('shiftRight', SOURCE, immediate(32))
  program.alu32('and', SOURCE, immediate(sources.mask)).alu32('or', SOURCE, immediate(sources.base))
  program.alu32('mov', TARGET, ADDRESS_BITS)
  program.alu32('and', TARGET, immediate(targets.mask)).alu32('or', TARGET, immediate(targets.base))
}

/** Writes the addresses and completes the IP checksum. Afterwards `R0` holds the sum of the address words. */
function writeAddresses(program: Assembler, template: Template): void {
  program.mov(R0, immediate(0))
  for (const address of [SOURCE, TARGET] as const) {
    program.mov(SCRATCH, address).alu('and', SCRATCH, immediate(0xffff)).alu('add', R0, SCRATCH)
    program.mov(SCRATCH, address).alu('shiftRight', SCRATCH, immediate(16)).alu('add', R0, SCRATCH)
  }
  storeNetworkOrder(program, SOURCE, 32, template.sourceAt)
  storeNetworkOrder(program, TARGET, 32, template.targetAt)
  if (template.ipChecksumAt === 0) return
  program.mov(SUM, OTHER_BITS).alu('shiftRight', SUM, immediate(24)).alu('and', SUM, immediate(0xffff))
  program.mov(SCRATCH, SUM).alu('add', SUM, R0).alu('add', SUM, immediate(template.ipSum))
  storeNetworkOrder(program, SCRATCH, 16, template.identificationAt)
  completeChecksum(program)
  storeNetworkOrder(program, SUM, 16, template.ipChecksumAt)
}

function writeTransport(program: Assembler, template: Template): void {
  program.mov(SUM, immediate(template.transportSum))
  if (template.transportCoversAddresses) program.alu('add', SUM, R0)
  if (template.sourcePortAt > 0) writePort(program, template.sourcePorts, 48, template.sourcePortAt)
  if (template.targetPortAt > 0) writePort(program, template.targetPorts, 32, template.targetPortAt)
  if (template.transportChecksumAt === 0) return
  completeChecksum(program)
  if (template.isUdp) {
    const label = `checksum at ${program.length}`
    program.jumpIf('notEqual', SUM, immediate(0), label).mov(SUM, immediate(0xffff)).label(label)
  }
  storeNetworkOrder(program, SUM, 16, template.transportChecksumAt)
}

/** Draws a port from sixteen of the random bits, writes it and adds it to the sum. */
function writePort(program: Assembler, ports: PortRange, bit: 32 | 48, at: number): void {
  program
    .mov(SCRATCH, OTHER_BITS)
    .alu('shiftRight', SCRATCH, immediate(bit))
    .alu('and', SCRATCH, immediate(0xffff))
  program.alu('mul', SCRATCH, immediate(ports.count)).alu('shiftRight', SCRATCH, immediate(16))
  program.alu('add', SCRATCH, immediate(ports.first)).alu('add', SUM, SCRATCH)
  storeNetworkOrder(program, SCRATCH, 16, at)
}

/** Turns `SUM` into the checksum it stands for. */
function completeChecksum(program: Assembler): void {
  for (let fold = 0; fold < 2; fold++) {
    program.mov(TARGET, SUM).alu('shiftRight', TARGET, immediate(16))
    program.alu('and', SUM, immediate(0xffff)).alu('add', SUM, TARGET)
  }
  program.alu('xor', SUM, immediate(0xffff))
}

function storeNetworkOrder(program: Assembler, value: Register, bits: 16 | 32, at: number): void {
  program.toBigEndian(value, bits).store(bits === 16 ? 2 : 4, FRAME, at, value)
}

function add(program: Assembler, at: number, value: Register): void {
  program.load(8, R0, SHARED_VALUE, at).alu('add', R0, value).store(8, SHARED_VALUE, at, R0)
}
