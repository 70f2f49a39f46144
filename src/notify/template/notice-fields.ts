// What templates may say of a notice, and how numbers are written.

import { grouped } from '#lib/number-text.ts'
import type { Notice } from '../notice/notice.ts'
import { durationText, sizeText } from '../notice/words.ts'
import {
  type CompiledTemplate,
  compileTemplate,
  type Filter,
  type TemplateFields,
  type TemplateNames,
} from './template.ts'

const FIELDS = [
  ...['id', 'kind', 'severity', 'at', 'openedAt', 'seconds', 'customer', 'customerName', 'network'],
  ...['direction', 'target', 'around', 'vector', 'hostgroup', 'attacks', 'open', 'packetsPerSecond'],
  ...['bitsPerSecond', 'why', 'decision', 'isDryRun', 'isOver', 'title', 'text', 'link', 'service'],
] as const
export type FieldName = (typeof FIELDS)[number]

const NAMES: TemplateNames = {
  fields: new Set<string>(FIELDS),
  lists: new Map([
    ['targets', new Set(['target', 'vector', 'packetsPerSecond', 'service', 'isOpen', 'attack'])],
    ['vectors', new Set<string>()],
    ['hostgroups', new Set<string>()],
  ]),
}

const numberIn =
  (write: (value: number) => string): Filter =>
  value =>
    typeof value === 'number' ? write(value) : String(value ?? '')

export const FILTERS: Readonly<Record<string, Filter>> = {
  number: numberIn(value => grouped(value)),
  packets: numberIn(value => sizeText(value, 'packets/s')),
  bits: numberIn(value => sizeText(value, 'bit/s')),
  duration: numberIn(value => durationText(value)),
  upper: value => String(value ?? '').toUpperCase(),
  json: value => JSON.stringify(value ?? null),
}

export const compileNoticeTemplate = (text: string): CompiledTemplate => compileTemplate(text, NAMES, FILTERS)

/** `title` and `text` as they are without a template, so that one may only add to them. */
export function fieldsOf(
  notice: Notice,
  words: { readonly title: string; readonly text: string },
  link: string,
): TemplateFields & Readonly<Record<FieldName, unknown>> {
  const { id, kind, severity, at, openedAt, customer, customerName, network, direction, around } = notice
  const [largest] = notice.listed
  return {
    ...{ id, kind, severity, customer, customerName, network, direction, link, ...words },
    around: around ?? largest?.target ?? '',
    at: new Date(at).toISOString(),
    openedAt: new Date(openedAt).toISOString(),
    seconds: Math.round(Math.max(0, at - openedAt) / 1000),
    target: largest?.target ?? '',
    service: largest?.service,
    vector: notice.vectors[0] ?? '',
    hostgroup: notice.hostgroups[0] ?? '',
    attacks: notice.attacks,
    open: notice.open,
    packetsPerSecond: notice.packetsPerSecond,
    bitsPerSecond: notice.bitsPerSecond,
    why: notice.why,
    decision: notice.decision,
    isDryRun: notice.isDryRun,
    isOver: kind === 'ended',
    vectors: notice.vectors,
    hostgroups: notice.hostgroups,
    targets: notice.listed.map(({ id: attack, service, ...each }) => ({ ...each, service, attack })),
  }
}
