// Traffic as it was, read from the tables that are written here: averages of what was sent in each step.

import { formatAddress, formatPadded, parseAddress } from '#lib/ip/address.ts'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { errorText } from '#lib/log/facts.ts'
import type { Logger } from '#lib/log/logger.ts'
import type { ServerAddress } from '#lib/server-address.ts'
import { prefixText } from '../push/address-text.ts'
import { ClickhouseAccess } from './access.ts'
import type { ClickhouseConfig } from './config.ts'
import { TABLES, type Table } from './tables.ts'

export interface HistoryAsk {
  /** `total`, `total-beside` (internal and other), `network:PREFIX` or `host:ADDRESS`. */
  readonly series: string
  readonly stepSeconds: number
  /** Steps since 1970. */
  readonly first: number
  readonly count: number
}

/** By step six numbers: packets, bits and flows per second, of both directions; NaN: not known. */
export type KnownSteps = ReadonlyMap<number, readonly number[]>

export interface ReadCounts {
  answered: number
  failed: number
}

/** Whoever waits looks at a screen. */
const ANSWER_MS = 3000
const ANSWER_BYTES = 8 * 1024 * 1024
const STEPS_MAX = 20_000

export class ClickhouseHistory {
  readonly #access: ClickhouseAccess
  readonly #database: string
  readonly #log: Logger
  readonly #counts: ReadCounts
  #hasFailed = false

  /** Counts into `counts`, which may have counted for another one before. */
  constructor(server: ServerAddress, config: ClickhouseConfig, log: Logger, counts: ReadCounts) {
    this.#counts = counts
    this.#access = new ClickhouseAccess(server, config)
    this.#database = config.database
    this.#log = log
  }

  /** Nothing when the server does not answer, or keeps nothing of the kind. Never rejects. */
  async read(ask: HistoryAsk): Promise<KnownSteps> {
    const query = historyQuery(this.#database, ask)
    if (query === undefined) return new Map()
    try {
      await this.#access.open()
      const outcome = await this.#access.ask(query, AbortSignal.timeout(ANSWER_MS), ANSWER_BYTES)
      if (outcome.kind === 'done') {
        this.#counts.answered++
        this.#hasFailed = false
        return stepsOf(outcome.text)
      }
      this.#failed(outcome.error)
    } catch (error) {
      this.#failed(errorText(error))
    }
    return new Map()
  }

  close(): void {
    this.#access.close()
  }

  #failed(error: string): void {
    this.#counts.failed++
    if (!this.#hasFailed) this.#log.warn('ClickHouse does not tell traffic as it was', { error })
    this.#hasFailed = true
  }
}

/** `undefined`: no table has it. Whatever is put into the text was parsed and written anew. */
export function historyQuery(database: string, ask: HistoryAsk): string | undefined {
  const source = sourceOf(ask.series)
  if (source === undefined) return undefined
  const { table, where, columns } = source
  const { stepSeconds, first, count } = ask
  const [from, to] = [first * stepSeconds, (first + Math.min(count, STEPS_MAX)) * stepSeconds]
  const span = [
    `metricDate >= toDate(toDateTime(${from}))`,
    `metricDate <= toDate(toDateTime(${to}))`,
    `metricDateTime >= toDateTime(${from})`,
    `metricDateTime < toDateTime(${to})`,
  ]
  return [
    `SELECT intDiv(toUInt32(metricDateTime), ${stepSeconds}) AS step, ${columns.join(', ')}`,
    `FROM ${database}.${table.name}`,
    `WHERE ${[...span, ...where].join(' AND ')}`,
    `GROUP BY step ORDER BY step LIMIT ${STEPS_MAX} FORMAT TabSeparated`,
  ].join(' ')
}

interface Source {
  readonly table: Table
  readonly where: readonly string[]
  readonly columns: readonly string[]
}

const RATES = ['packets', 'bits', 'flows']

function sourceOf(series: string): Source | undefined {
  if (series === 'total') return totalSource('incoming', 'outgoing')
  if (series === 'total-beside') return totalSource('internal', 'other')
  const [kind, text = ''] = series.split(/:(.*)/s)
  if (kind === 'network') {
    const prefix = parsePrefix(text)
    if (prefix === undefined) return undefined
    const name = formatPrefix(prefix)
    const table = prefix.family === 4 ? TABLES.network : TABLES.networkIpv6
    return subjectSource(table, [name, prefixText(name, 'padded')], ['packets', 'bits'])
  }
  const address = kind === 'host' ? parseAddress(text) : undefined
  if (address === undefined) return undefined
  const table = address.family === 4 ? TABLES.host : TABLES.hostIpv6
  return subjectSource(table, [formatAddress(address), formatPadded(address)], RATES)
}

const totalSource = (...directions: readonly string[]): Source => ({
  table: TABLES.total,
  where: [],
  columns: directions.flatMap(direction => RATES.map(rate => `avgIf(${rate}, direction = '${direction}')`)),
})

/** Names in both forms, because the form may have been another one when they were written. */
const subjectSource = (table: Table, names: readonly string[], rates: readonly string[]): Source => ({
  table,
  where: [`${table.subject} IN (${[...new Set(names)].map(name => `'${name}'`).join(', ')})`],
  columns: ['incoming', 'outgoing'].flatMap(side =>
    RATES.map(rate => (rates.includes(rate) ? `avg(${rate}_${side})` : 'nan')),
  ),
})

function stepsOf(text: string): KnownSteps {
  const steps = new Map<number, readonly number[]>()
  // A line that was cut has no end.
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const [step, ...numbers] = line.split('\t').map(cell => (cell === '' ? Number.NaN : Number(cell)))
    if (step !== undefined && Number.isSafeInteger(step) && numbers.length === RATES.length * 2)
      steps.set(step, numbers)
  }
  return steps
}
