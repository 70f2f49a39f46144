// A webhook of the configuration: any JSON comes in, one event for each match of its root path goes out.

import type { ForeignEvent } from '#4-detection/foreign-event.ts'
import { addressText, momentOf } from './reading.ts'
import type { WebhookConfig } from './signals-config.ts'
import { type Mapped, numberIn, share, vectorNamed, wrong } from './signals-mapped.ts'
import { finder } from './signals-path.ts'
import { SUBJECT_CHARACTERS_MAX } from './signals-pattern.ts'

const PORTS_MAX = 64
const ID_CHARACTERS_MAX = 1024

export interface Adapter {
  readonly config: WebhookConfig
  /** Everything that came, as events; `knowsVector` says which vectors there are. */
  map(body: unknown, knowsVector: (name: string) => boolean, now: number): Mapped[]
}

type Find = (value: unknown) => unknown

const NOTHING: Find = () => undefined

const first = (path: string | undefined): Find => {
  if (path === undefined) return NOTHING
  const find = finder(path)
  return value => find(value)[0]
}

/** Paths and patterns were checked with the configuration. */
export function adapterOf(config: WebhookConfig): Adapter {
  const root = finder(config.rootPath)
  const { fields, transforms } = config
  const read = {
    victim: first(fields.victimIp),
    action: first(fields.action),
    timestamp: first(fields.timestamp),
    id: first(fields.sourceId),
    ports: fields.topDstPorts === undefined ? () => [] : finder(fields.topDstPorts),
    vector: vectorReader(config),
    bits: numberReader(first(fields.bps), transforms.bps),
    packets: numberReader(first(fields.pps), transforms.pps),
    confidence: numberReader(first(fields.confidence), transforms.confidence),
  }
  return {
    config,
    map: (body, knowsVector, now) => root(body).map(match => mapOne(match, read, config, knowsVector, now)),
  }
}

interface Readers {
  readonly victim: Find
  readonly action: Find
  readonly timestamp: Find
  readonly id: Find
  readonly ports: (value: unknown) => readonly unknown[]
  readonly vector: (value: unknown) => string
  readonly bits: (value: unknown) => number | undefined
  readonly packets: (value: unknown) => number | undefined
  readonly confidence: (value: unknown) => number | undefined
}

function mapOne(
  match: unknown,
  read: Readers,
  config: WebhookConfig,
  knowsVector: (name: string) => boolean,
  now: number,
): Mapped {
  const victim = read.victim(match)
  if (typeof victim !== 'string') return wrong('victim_ip is missing')
  const host = addressText(victim.trim())
  if (host === undefined) return wrong(`invalid IP address: '${victim.slice(0, 100)}'`)
  const action = read.action(match) ?? 'ban'
  if (action !== 'ban' && action !== 'unban')
    return wrong(`unknown action: '${String(action).slice(0, 100)}', expected 'ban' or 'unban'`)
  const said = read.vector(match)
  const named = vectorNamed(
    Object.hasOwn(config.vectorMap, said) ? (config.vectorMap[said] ?? said) : said,
    knowsVector,
  )
  const [bits, packets, sure] = [read.bits(match), read.packets(match), read.confidence(match)]
  const id = read.id(match)
  const event: ForeignEvent = {
    ...{ source: config.name, host, direction: 'incoming', action, ports: portsIn(read.ports(match)) },
    at: timeIn(read.timestamp(match)) ?? now,
    vector:
      named === 'unknown' && said !== 'unknown' ? vectorNamed(config.defaultVector, knowsVector) : named,
    ...(bits === undefined ? {} : { bitsPerSecond: Math.round(bits) }),
    ...(packets === undefined ? {} : { packetsPerSecond: Math.round(packets) }),
    ...(sure === undefined ? {} : { confidence: share(sure / config.confidenceScale) }),
    ...(typeof id === 'string' || typeof id === 'number'
      ? { externalId: `${config.sourceIdPrefix}${id}`.slice(0, ID_CHARACTERS_MAX) }
      : {}),
    details: match,
  }
  return { kind: 'event', event }
}

function vectorReader({ fields, transforms }: WebhookConfig): (value: unknown) => string {
  const find = first(fields.vector)
  const { vector } = transforms
  const pattern = vector && new RegExp(vector.pattern, 'u')
  return value => {
    const found = find(value)
    if (typeof found !== 'string') return ''
    const text = found.slice(0, SUBJECT_CHARACTERS_MAX)
    return vector === undefined ? text : (pattern?.exec(text)?.[vector.group] ?? '')
  }
}

function numberReader(
  find: Find,
  transform: WebhookConfig['transforms']['bps'],
): (value: unknown) => number | undefined {
  switch (transform?.kind) {
    case undefined:
      return value => numberIn(find(value))
    case 'unitConversion':
      return value => scaled(numberIn(find(value)), transform.multiplier)
    case 'computed': {
      const parts = transform.paths.map(first)
      return value => {
        const numbers = parts.map(part => numberIn(part(value)))
        if (numbers.includes(undefined)) return undefined
        return scaled(
          numbers.reduce<number>((product, number) => product * (number ?? 0), 1),
          transform.scale,
        )
      }
    }
  }
}

function scaled(number: number | undefined, factor: number): number | undefined {
  const product = number === undefined ? undefined : number * factor
  return product !== undefined && product <= Number.MAX_SAFE_INTEGER ? product : undefined
}

/** From this number on it is milliseconds: as seconds it were the year 5138. */
const MILLISECONDS_FROM = 100_000_000_000

function timeIn(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^\d+(\.\d+)?$/.test(value)) return momentOf(value)
  const number = numberIn(value)
  if (number === undefined || number > Number.MAX_SAFE_INTEGER) return undefined
  return Math.round(number < MILLISECONDS_FROM ? number * 1000 : number)
}

/** A path may find a list, or each of its members. */
const portsIn = (found: readonly unknown[]): number[] =>
  found
    .flat()
    .flatMap(value => numberIn(value) ?? [])
    .filter(port => Number.isInteger(port) && port <= 65_535)
    .slice(0, PORTS_MAX)
