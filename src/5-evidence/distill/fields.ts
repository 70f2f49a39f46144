// The numbers of a packet that rules look at, and the samples as columns of them: what the search walks through.

import type { Packet } from '#lib/flowspec/matches.ts'
import type { ComponentType } from '#lib/flowspec/rule.ts'
import { bitsOf } from '#lib/ip/address.ts'
import { type Prefix, prefixOf } from '#lib/ip/prefix.ts'
import type { DistillSample } from './distillation.ts'

export const NUMBER_FIELDS = [
  'protocol',
  'destination-port',
  'source-port',
  'icmp-type',
  'icmp-code',
  'packet-length',
  'dscp',
  'flow-label',
] as const satisfies readonly ComponentType[]
export const BIT_FIELDS = ['tcp-flags', 'fragment'] as const satisfies readonly ComponentType[]
export type NumberField = (typeof NUMBER_FIELDS)[number]
export type BitField = (typeof BIT_FIELDS)[number]
export type Field = NumberField | BitField

/** The packet has no such field: no rule on it matches. */
export const ABSENT = -1
/** Nobody told: a rule on it may match or not. */
export const UNTOLD = -2

/** Samples of one kind. Weights are as given; sums of whole ones are exact in any order. */
export interface Columns {
  readonly samples: readonly DistillSample[]
  readonly weights: Float64Array
  readonly totalWeight: number
  /** How many samples of equal weight would tell as much (Kish). */
  readonly effective: number
  readonly values: Readonly<Record<Field, Int32Array>>
  /** By prefixes of sources, which of the samples come from them: 1, or `ABSENT`, or `UNTOLD`. */
  readonly sources: ReadonlyMap<string, Int8Array>
}

export function columnsOf(given: readonly DistillSample[], target: Prefix): Columns {
  const samples = given.filter(({ packet, weight }) => weight > 0 && isInside(packet, target))
  const weights = new Float64Array(samples.length)
  let [total, squares] = [0, 0]
  for (let at = 0; at < samples.length; at++) {
    const { weight } = samples[at]!
    weights[at] = weight
    total += weight
    squares += weight * weight
  }
  return {
    samples,
    weights,
    totalWeight: total,
    effective: squares === 0 ? 0 : (total * total) / squares,
    values: valuesOf(samples),
    sources: new Map(),
  }
}

/** The same with columns for prefixes, by the keys they are found by. */
export function withSources(columns: Columns, prefixes: ReadonlyMap<string, Prefix>): Columns {
  const sources = new Map<string, Int8Array>()
  for (const [key, { value, length, family }] of prefixes) {
    const shift = BigInt(bitsOf(family) - length)
    const network = value >> shift
    const column = new Int8Array(columns.samples.length)
    for (let at = 0; at < column.length; at++) {
      const { packet, untold } = columns.samples[at]!
      column[at] = untold?.includes('source') ? UNTOLD : packet.source.value >> shift === network ? 1 : ABSENT
    }
    sources.set(key, column)
  }
  return { ...columns, sources }
}

function isInside({ target }: Packet, { family, value, length }: Prefix): boolean {
  if (target.family !== family) return false
  return target.value === value || prefixOf(target, length).value === value
}

function valuesOf(samples: readonly DistillSample[]): Record<Field, Int32Array> {
  const column = () => new Int32Array(samples.length)
  const values: Record<Field, Int32Array> = {
    protocol: column(),
    'destination-port': column(),
    'source-port': column(),
    'icmp-type': column(),
    'icmp-code': column(),
    'tcp-flags': column(),
    'packet-length': column(),
    dscp: column(),
    fragment: column(),
    'flow-label': column(),
  }
  for (let at = 0; at < samples.length; at++) {
    const { packet, untold } = samples[at]!
    values.protocol[at] = packet.protocol
    values['destination-port'][at] = packet.targetPort ?? ABSENT
    values['source-port'][at] = packet.sourcePort ?? ABSENT
    values['icmp-type'][at] = packet.icmpType ?? ABSENT
    values['icmp-code'][at] = packet.icmpCode ?? ABSENT
    values['tcp-flags'][at] = packet.tcpFlags ?? ABSENT
    values['packet-length'][at] = packet.length
    values.dscp[at] = packet.dscp
    values.fragment[at] = packet.fragment
    values['flow-label'][at] = packet.flowLabel ?? ABSENT
    if (untold !== undefined) forget(values, at, untold)
  }
  return values
}

function forget(values: Record<Field, Int32Array>, at: number, untold: readonly ComponentType[]): void {
  for (const type of untold) {
    if (type === 'destination' || type === 'source') continue
    if (type !== 'port') values[type][at] = UNTOLD
    else values['source-port'][at] = values['destination-port'][at] = UNTOLD
  }
}
