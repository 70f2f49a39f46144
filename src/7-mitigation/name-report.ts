// Which vector of the configuration a report is: by the name it says, or by what it says of protocol, ports and details.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import type { VectorConfig } from './events-config.ts'

/** Words that say no more than a protocol, and which. */
const PLAIN: Readonly<Record<string, VectorConfig['protocols'][number] | undefined>> = {
  ...{ udp_flood: 'udp', syn_flood: 'tcp', ack_flood: 'tcp', icmp_flood: 'icmp', unknown: undefined },
}

/** The report with the name and meaning that the configuration gives it; as it is when none does. */
export function nameReport(event: ForeignEvent, vectors: readonly VectorConfig[]): ForeignEvent {
  if (vectors.length === 0) return event
  const named = vectors.find(({ name }) => name === event.vector) ?? fitting(event, vectors)
  return named === undefined ? event : { ...event, vector: named.name, means: named.is }
}

function fitting(event: ForeignEvent, vectors: readonly VectorConfig[]): VectorConfig | undefined {
  if (!Object.hasOwn(PLAIN, event.vector)) return undefined
  const protocol = PLAIN[event.vector]
  const details = textOf(event.details).toLowerCase()
  return vectors.find(({ protocols, ports, text }) => {
    if (protocols.length + ports.length + text.length === 0) return false
    return (
      (protocols.length === 0 || (protocol !== undefined && protocols.includes(protocol))) &&
      (ports.length === 0 || event.ports.some(port => ports.includes(port))) &&
      text.every(word => details.includes(word.toLowerCase()))
    )
  })
}

/** All that is told in words. */
const textOf = (details: unknown): string =>
  typeof details === 'string' ? details : (JSON.stringify(details) ?? '')
