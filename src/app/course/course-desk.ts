// The course of one attack for whoever asks, and its packets: from memory, or from the history when memory has forgotten.

import { z } from 'zod'
import type { Attack } from '#4-detection/attack.ts'
import type { PacketRecord } from '#5-evidence/evidence.ts'
import { whyOpened } from '#5-evidence/report.ts'
import type { Tallies } from '#5-evidence/tallies.ts'
import type { AttackRecord } from '#7-mitigation/attack-record.ts'
import { type Course, type CourseMoment, MOMENT_KINDS, talliesSchema } from '#api/contract/course.ts'
import type { Caller } from '#api/control.ts'
import type { CourseDesk as Desk } from '#api/resources.ts'
import type { AttackBook } from '../attack-book.ts'
import { pcapFiles } from '../attack-files/pcap-text.ts'
import type { IntakeRoom } from '../intake/intake-room.ts'
import { attackView } from '../resources/attack-desk.ts'
import type { Reach } from '../resources/reach.ts'
import type { StateRoom } from '../state/state-room.ts'
import type { CourseBook, CourseKept } from './course-book.ts'
import { endMoment, type Happened, momentsOf } from './course-moments.ts'
import { keptPackets } from './kept-packets.ts'

export interface CourseDeskOptions {
  readonly book: Pick<AttackBook, 'get'>
  readonly courses: Pick<CourseBook, 'kept'>
  readonly archive: Pick<IntakeRoom['archive'], 'get'>
  readonly state: Pick<StateRoom, 'look'>
  readonly reach: Pick<Reach, 'seesAll'>
  /** What `bytes` of a packet means. */
  readonly counted: () => 'frame' | 'ip'
}

export class CourseDesk implements Desk {
  readonly #options: CourseDeskOptions

  constructor(options: CourseDeskOptions) {
    this.#options = options
  }

  async read(id: string, by: Caller): Promise<Course | undefined> {
    const { courses, book } = this.#options
    const record = await this.#record(id, by)
    if (record === undefined) return undefined
    const past = book.get(id) === undefined ? await this.#past(id) : undefined
    const kept = courses.kept(id) ?? past?.course ?? NOTHING
    const tallies = book.get(id)?.tallies ?? past?.tallies
    return courseOf(record, kept, tallies)
  }

  /** The packets that were kept, as a pcap: those of the commonest link layer. */
  async capture(id: string, by: Caller) {
    const record = await this.#record(id, by)
    if (record === undefined)
      return { kind: 'refused', code: 'unknown-attack', detail: `there is none of the id ${id}` } as const
    const [file] = pcapFiles(await this.#packets(id), this.#options.counted())
    if (file === undefined) {
      const detail = `no packets of the attack ${id} were kept with their bytes`
      return { kind: 'refused', code: 'no-packets', detail } as const
    }
    return { kind: 'done', value: { bytes: file.bytes, name: `${id}.pcap` } } as const
  }

  async #record(id: string, by: Caller): Promise<AttackRecord | undefined> {
    const { archive, reach } = this.#options
    const record = await archive.get(id)
    return record !== undefined && reach.seesAll(by, record.attack.prefixes) ? record : undefined
  }

  async #packets(id: string): Promise<readonly PacketRecord[]> {
    const known = this.#options.book.get(id)
    if (known !== undefined) return known.packets
    const [past] = await this.#options.state.look('past-attacks', { id, limit: 1 }).catch(() => [])
    return past === undefined ? [] : keptPackets(past.report)
  }

  async #past(id: string): Promise<z.output<typeof pastSchema> | undefined> {
    const [past] = await this.#options.state.look('past-attacks', { id, limit: 1 }).catch(() => [])
    return past && pastSchema.safeParse(past.report).data
  }
}

const NOTHING: CourseKept = { limits: [], moments: [], leftOut: 0, isWhole: false }

const columns = z.array(z.array(z.number().nullable()))
const pastSchema = z.object({
  course: z
    .object({
      speeds: z
        .object({ from: z.number(), stepSeconds: z.number(), average: columns, highest: columns })
        .optional(),
      limits: z.array(z.object({ limit: z.string(), threshold: z.number() })),
      moments: z.array(
        z.object({
          ...{ at: z.number(), kind: z.enum(MOMENT_KINDS), text: z.string() },
          ...{ by: z.string().optional(), mitigationId: z.string().optional() },
        }),
      ),
      ...{ leftOut: z.number(), isWhole: z.boolean() },
    })
    .transform((kept): CourseKept => JSON.parse(JSON.stringify(kept)))
    .optional()
    .catch(undefined),
  tallies: talliesSchema.optional().catch(undefined),
})

function courseOf(record: AttackRecord, kept: CourseKept, tallies: Tallies | undefined): Course {
  const { speeds, limits, leftOut, isWhole } = kept
  return {
    attack: attackView(record),
    ...(speeds === undefined ? {} : { speeds: speedsOf(speeds, record.attack) }),
    limits: limitsOf(record.attack, limits),
    moments: allMoments(record, kept).map(presentMoment),
    ...{ momentsLeftOut: leftOut, isWhole },
    ...(tallies === undefined || tallies.packets === 0 ? {} : { tallies: talliesSchema.parse(tallies) }),
  }
}

/** The one it crossed belongs to them, whoever set it. */
function limitsOf({ crossing, direction }: Attack, held: CourseKept['limits']): Course['limits'] {
  const own = held.map(({ limit, threshold }) => ({ limit, threshold }))
  if (crossing === undefined || crossing.direction !== direction) return own
  const others = own.filter(({ limit }) => limit !== crossing.limit)
  return [{ limit: crossing.limit, threshold: crossing.threshold }, ...others]
}

function speedsOf(speeds: NonNullable<CourseKept['speeds']>, { crossing }: Attack): Course['speeds'] {
  const { from, stepSeconds, average, highest } = speeds
  const named = (columns: typeof average) => {
    const [packets = [], bits = [], flows = [], crossed = []] = columns.map(column => [...column])
    return { packets, bits, flows, ...(crossing === undefined ? {} : { crossed }) }
  }
  return {
    ...{ from: new Date(from).toISOString(), stepSeconds, points: average[0]?.length ?? 0 },
    ...{ average: named(average), highest: named(highest) },
  }
}

/** With what mitigations say themselves: of the time before a restart, and of what came after the end. */
function allMoments({ attack, mitigations }: AttackRecord, { moments }: CourseKept): Happened[] {
  const known = new Set(moments.map(keyOf))
  const said: Happened[] = [
    { at: attack.openedAt, kind: 'opened', text: whyOpened(attack) },
    ...mitigations.flatMap(momentsOf),
    ...(attack.state === 'ended' ? [endMoment(attack)] : []),
  ]
  const added = said.filter(moment => !known.has(keyOf(moment)))
  return [...moments, ...added].sort((a, b) => a.at - b.at)
}

const keyOf = ({ kind, text, mitigationId }: Happened): string =>
  kind === 'opened' || kind === 'ended' ? kind : `${mitigationId} ${text}`

const presentMoment = ({ at, ...moment }: Happened): CourseMoment => ({
  at: new Date(at).toISOString(),
  ...moment,
})
