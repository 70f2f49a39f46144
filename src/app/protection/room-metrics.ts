// Values of the metrics of protection, as they are when somebody asks.

import type { MetricValue } from '#lib/metrics/metric.ts'
import type { Carrying, ProtectionRoom } from './protection-room.ts'

/** `forgotten`: offenders that were forgotten for want of room. */
export function* metricsOf(
  room: Pick<ProtectionRoom, 'desired' | 'profiles' | 'holders' | 'counters' | 'isArmed'>,
  carrying: readonly Carrying[],
  forgotten: number,
): Iterable<MetricValue> {
  for (const [at, { isOn }] of room.desired.entries()) {
    const { id = '', backEnd = 'nftables' } = room.profiles[at] ?? {}
    yield {
      name: 'floodwarden_protection_profile_on',
      labels: { profile: id, back_end: backEnd },
      value: isOn && room.isArmed ? 1 : 0,
    }
    yield {
      name: 'floodwarden_protection_needs',
      labels: { profile: id },
      value: room.holders.countOf(id),
    }
  }
  for (const { backEnd, keeper } of carrying) {
    const labels = { back_end: backEnd.name }
    yield { name: 'floodwarden_protection_up', labels, value: keeper.state === 'in-place' ? 1 : 0 }
    yield { name: 'floodwarden_protection_repairs_total', labels, value: keeper.repairs }
    yield { name: 'floodwarden_protection_failures_total', labels, value: keeper.failures }
    yield { name: 'floodwarden_protection_owed_switches', labels, value: backEnd.owed() }
  }
  for (const [profile, of] of room.counters.all)
    for (const [countermeasure, view] of of) {
      const labels = { profile, countermeasure }
      yield { name: 'floodwarden_protection_input_packets_total', labels, value: view.inputPackets }
      yield { name: 'floodwarden_protection_dropped_packets_total', labels, value: view.droppedPackets }
      yield { name: 'floodwarden_protection_dropped_bytes_total', labels, value: view.droppedBytes }
      yield { name: 'floodwarden_protection_listed_sources', labels, value: view.sources ?? 0 }
      yield {
        name: 'floodwarden_protection_unmeasured_packets_total',
        labels,
        value: view.unmeasuredPackets ?? 0,
      }
    }
  yield { name: 'floodwarden_protection_forgotten_offenders_total', value: forgotten }
}
