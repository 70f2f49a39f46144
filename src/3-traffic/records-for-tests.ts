// A worker that counts flow records in plain memory, for tests: records in, lines of hosts out.

import { FlowRecord } from '#2-decode/flow-record.ts'
import { parseAddress } from '#lib/ip/address.ts'
import { readings } from './counting-for-tests.ts'
import { bindRecords, type RecordCounting, type RecordCountingOptions } from './counting-records.ts'
import type { HostTables } from './host-tables.ts'
import { wireWords } from './network-table.ts'
import { HEADER_BYTES } from './record-header.ts'
import { tablesForRecords } from './record-tables.ts'
import { prefixesFor } from './slots-for-tests.ts'

export interface TestRecord {
  readonly source?: string
  readonly target?: string
  readonly protocol?: number
  readonly ports?: readonly [number, number]
  readonly flags?: number
  readonly packets?: number
  readonly bytes?: number
  readonly rate?: number
  readonly durationMs?: number
  readonly receivedMs?: number
  readonly isFragment?: boolean
  readonly isDropped?: boolean
  /** The packet itself, Ethernet first. */
  readonly frame?: Uint8Array
}

export type RecordSetup = ReturnType<typeof readings> & {
  readonly tables: HostTables
  readonly counting: RecordCounting
  count(record: TestRecord): void
}

const MEMORY_BYTES = 4096
const HEADER_AT = 2048

/** A worker that watches `networks`; all else as given, or plain. Nothing is spread unless `spreadMs` is given. */
export async function recordSetup(
  networks: readonly string[],
  changes: Partial<RecordCountingOptions> = {},
): Promise<RecordSetup> {
  const tables = tablesForRecords(changes.hostsMax ?? 4096, 128)
  const memory = new ArrayBuffer(MEMORY_BYTES)
  const { counting } = await bindRecords(tables, memory, {
    ...{ prefixes: prefixesFor(...networks), hostsMax: 4096, seed: 0x5eed, spreadMs: 0, spreadBlocks: 64 },
    ...{ incoming: true, outgoing: true, internal: 'both', flows: 'all', lengthFromIp: false },
    ...{ idleWindows: 60, wholeSyn: false, headerAt: HEADER_AT },
    ...changes,
  })
  const setup = {
    ...{ tables, counting },
    ...readings(tables),
    count: (given: TestRecord) => {
      const { frame } = given
      if (frame !== undefined) new Uint8Array(memory).set(frame, 5)
      counting.countRecord(recordOf(given), 5, frame?.length ?? 0, 1)
      counting.publish()
    },
  }
  setup.tick(-1, 1)
  counting.syncEpoch()
  if (HEADER_AT + HEADER_BYTES > MEMORY_BYTES) throw new RangeError('the header does not fit')
  return setup
}

/** The record as a decoder fills it. */
export function recordOf(given: TestRecord): FlowRecord {
  const record = new FlowRecord()
  const { sample } = record
  const source = parseAddress(given.source ?? '198.18.0.7')!
  const target = parseAddress(given.target ?? '10.0.0.1')!
  const words = ({ family, value }: typeof source) => wireWords(family === 6 ? value : value << 96n)
  sample.family = target.family
  ;[sample.sourceA, sample.sourceB, sample.sourceC, sample.sourceD] = words(source)
  ;[sample.targetA, sample.targetB, sample.targetC, sample.targetD] = words(target)
  sample.protocol = given.protocol ?? 17
  ;[sample.sourcePort, sample.targetPort] = given.ports ?? [53, 4000]
  sample.tcpFlags = given.flags ?? 0
  sample.isFragment = given.isFragment ? 1 : 0
  record.packets = given.packets ?? 1
  record.bytes = given.bytes ?? 100
  record.rate = given.rate ?? 1
  record.durationMs = given.durationMs ?? 0
  record.receivedMs = given.receivedMs ?? 1_700_000_000_250
  record.isDropped = given.isDropped ? 1 : 0
  return record
}
