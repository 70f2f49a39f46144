// A capture file as a recording: read twice, so that a long one needs no more memory than a short one. The first time
// says to whom most packets go and how many there are, the second keeps so many of these, evenly chosen.

import { PcapFile } from '#1-capture/pcap-file/pcap-file.ts'
import { decodeFrame } from '#2-decode/frame/decode-frame.ts'
import { OUTCOME, Sample } from '#2-decode/sample.ts'
import type { Wish } from '#5-evidence/distill/choose-victim.ts'
import { noteOf, type Recording } from '#5-evidence/distill/recording.ts'
import { recordedOf } from '#5-evidence/distill/sample-of-record.ts'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { formatAddress } from '#lib/ip/address.ts'
import { CaptureCensus, sourceOf, targetOf } from './capture-census.ts'

/** More of a packet tells nothing more. */
const SNAP_BYTES = 192

export type ReadRecording =
  | { readonly kind: 'read'; readonly recording: Recording }
  | { readonly kind: 'refused'; readonly problem: string }

/** Keeps at most `packetsMax` packets. A file that is cut or broken somewhere is read as far as it is good, and says so. */
export function readCapture(path: string, wish: Wish, packetsMax: number): ReadRecording {
  const census = new CaptureCensus(wish)
  const walked = walk(path, sample => census.count(sample))
  if (walked.decoded === 0) {
    const problem = walked.problem ?? `none of its ${walked.packets} packets is one of IP`
    return { kind: 'refused', problem }
  }
  const every = Math.max(1, Math.ceil(census.wanted / packetsMax))
  const kept = new KeptPackets(every)
  walk(path, (sample, file) => {
    if (census.isWanted(sample)) kept.take(sample, file)
  })
  const { host } = census
  const { seconds, seen, records } = kept
  return {
    kind: 'read',
    recording: {
      form: 'capture',
      tells: 'packets',
      packets: recordedOf(records, { insideTunnels: false }),
      head: {
        ...(host === undefined ? {} : { host }),
        ...(seconds > 0 ? { packetsPerSecond: seen / seconds } : {}),
      },
      notes: [
        ...noteOf(walked.packets - walked.decoded, 'packet', 'skipped as not IP or too short'),
        ...(every > 1 ? [`of ${seen} packets one of ${every} was looked at`] : []),
        ...(walked.problem === undefined ? [] : [`it was read up to where it is broken: ${walked.problem}`]),
      ],
    },
  }
}

interface Walked {
  readonly packets: number
  readonly decoded: number
  readonly problem: string | undefined
}

function walk(path: string, look: (sample: Sample, file: PcapFile) => void): Walked {
  const file = new PcapFile(path)
  const sample = new Sample()
  let [packets, decoded] = [0, 0]
  try {
    while (file.next()) {
      packets++
      const end = file.at + file.captured
      if (decodeFrame(file.view, file.at, end, file.link, false, sample) !== OUTCOME.decoded) continue
      decoded++
      look(sample, file)
    }
  } finally {
    file.close()
  }
  const { problem } = file
  return { packets, decoded, problem: problem && `${problem.kind} at byte ${problem.at}: ${problem.reason}` }
}

/** One of so many packets, and how long all of them took. */
class KeptPackets {
  readonly records: PacketRecord[] = []
  readonly #every: number
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY
  seen = 0

  constructor(every: number) {
    this.#every = every
  }

  take(sample: Sample, file: PcapFile): void {
    const micros = file.seconds * 1e6 + Math.floor(file.nanoseconds / 1000)
    this.#first = Math.min(this.#first, micros)
    this.#last = Math.max(this.#last, micros)
    if (this.seen++ % this.#every === 0) this.records.push(recordOf(sample, file, micros, this.#every))
  }

  get seconds(): number {
    return (this.#last - this.#first) / 1e6
  }
}

function recordOf(sample: Sample, file: PcapFile, timeMicros: number, weight: number): PacketRecord {
  const captured = Math.min(file.captured, SNAP_BYTES)
  return {
    timeMicros,
    source: formatAddress(sourceOf(sample)),
    target: formatAddress(targetOf(sample)),
    sourcePort: sample.sourcePort,
    targetPort: sample.targetPort,
    protocol: sample.protocol,
    tcpFlags: sample.tcpFlags,
    isFragment: sample.isFragment === 1,
    ttl: sample.ttl,
    bytes: file.wire,
    weight,
    sampleRatio: 1,
    bytesCaptured: new Uint8Array(file.buffer.slice(file.at, file.at + captured)),
    linkType: file.link,
  }
}
