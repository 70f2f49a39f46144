// What the forms of sections ask for: the settings that are changed often. All others are kept, and written as YAML.

import type { SectionName } from '#api/contract/sections.ts'
import type { RouteName } from '../lib/api.ts'
import { linesOf } from '../lib/lines-of.ts'
import type { Column } from '../lib/table-view.ts'
import { at, type Entry, having, linesAt, type Tree, textAt } from './section-entries.ts'

export interface FormField {
  readonly path: readonly string[]
  readonly label: string
  /** lines: a list, one a line. yes: ticked or not, with what it is when nothing is written. */
  readonly type: 'text' | 'lines' | 'number' | 'yes'
  readonly hint?: string
  readonly preset?: boolean
}

export interface SectionForm {
  readonly section: SectionName
  readonly read: RouteName & ('inventory' | 'playbooks' | 'hostgroups' | 'configuredSafelist')
  readonly write: RouteName &
    ('replaceInventory' | 'replacePlaybooks' | 'replaceHostgroups' | 'replaceSafelist')
  /** What an entry is. */
  readonly noun: string
  /** What its key is called; `at` where the key stands in the entry itself. */
  readonly keyLabel: string
  readonly keyAt: string | undefined
  readonly isOrdered: boolean
  readonly fields: readonly FormField[]
  readonly columns: readonly Column<Entry>[]
}

const column = (key: string, title: string, text: (entry: Entry) => string): Column<Entry> => ({
  key,
  title,
  text,
})
const listText = (tree: Tree, ...names: readonly string[]): string =>
  linesAt(tree, ...names).replaceAll('\n', ', ')
const countAt = (tree: Tree, name: string): string => {
  const list = at(tree, name)
  return String(Array.isArray(list) ? list.length : 0)
}

const LIMITS = [
  ['packetsPerSecond', 'packets/s'],
  ['megabitsPerSecond', 'Mbit/s'],
  ['flowsPerSecond', 'flows/s'],
] as const
const limitsOf = (direction: 'incoming' | 'outgoing'): FormField[] =>
  LIMITS.map(([name, unit]) => ({
    ...{ path: ['thresholds', direction, name], type: 'number', label: `Limit ${direction}, ${unit}` },
    hint: 'Empty: inherited.',
  }))

function limitsText(tree: Tree, direction: string): string {
  return LIMITS.flatMap(([name, unit]) => {
    const value = textAt(tree, 'thresholds', direction, name)
    return value === '' ? [] : [`${value} ${unit}`]
  }).join(', ')
}

export const SECTION_FORMS: Readonly<Record<SectionName, SectionForm>> = {
  inventory: {
    ...{ section: 'inventory', read: 'inventory', write: 'replaceInventory', noun: 'customer' },
    ...{ keyLabel: 'Id', keyAt: 'id', isOrdered: false },
    fields: [
      { path: ['name'], label: 'Name', type: 'text' },
      { path: ['pop'], label: 'POP', type: 'text', hint: 'The id of one of the inventory.' },
      {
        path: ['prefixes'],
        label: 'Prefixes',
        type: 'lines',
        hint: 'One a line; no other customer has them.',
      },
      { path: ['rules', 'activeMax'], label: 'Live rules at most', type: 'number', hint: 'Empty: 512.' },
      { path: ['rules', 'newPerMinute'], label: 'New rules a minute', type: 'number', hint: 'Empty: 512.' },
    ],
    columns: [
      column('id', 'Id', ({ key }) => key),
      column('name', 'Name', ({ value }) => textAt(value, 'name')),
      column('prefixes', 'Prefixes', ({ value }) => listText(value, 'prefixes')),
      column('pop', 'POP', ({ value }) => textAt(value, 'pop')),
      column('services', 'Services', ({ value }) => countAt(value, 'services')),
      column('assets', 'Assets', ({ value }) => countAt(value, 'assets')),
    ],
  },
  playbooks: {
    ...{ section: 'playbooks', read: 'playbooks', write: 'replacePlaybooks', noun: 'playbook' },
    ...{ keyLabel: 'Name', keyAt: 'name', isOrdered: true },
    fields: [
      { path: ['dryRun'], label: 'Dry run: only shows what it would do', type: 'yes', preset: false },
      {
        ...{ path: ['match', 'vectors'], label: 'Vectors', type: 'lines' },
        hint: 'Such as dns-amplification; empty: whatever it is.',
      },
      { path: ['match', 'customers'], label: 'Customers', type: 'lines', hint: 'Ids; empty: whoever it is.' },
      { path: ['match', 'hostgroups'], label: 'Hostgroups', type: 'lines', hint: 'Empty: whichever.' },
      {
        ...{ path: ['match', 'severities'], label: 'Severities', type: 'lines' },
        hint: 'low, medium, high, critical; empty: any.',
      },
      { path: ['match', 'minimumConfidence'], label: 'Confidence at least', type: 'number', hint: '0 to 1.' },
    ],
    columns: [
      column('name', 'Name', ({ key }) => key),
      column('answers', 'Answers', ({ value }) => listText(value, 'match', 'vectors') || 'whatever it is'),
      column('customers', 'Customers', ({ value }) => listText(value, 'match', 'customers')),
      column('steps', 'Steps', ({ value }) => stepNames(value)),
      column('dryRun', 'Dry run', ({ value }) => (at(value, 'dryRun') === true ? 'yes' : '')),
    ],
  },
  hostgroups: {
    ...{ section: 'hostgroups', read: 'hostgroups', write: 'replaceHostgroups', noun: 'hostgroup' },
    ...{ keyLabel: 'Name', keyAt: undefined, isOrdered: false },
    fields: [
      { path: ['networks'], label: 'Networks', type: 'lines', hint: 'One prefix a line.' },
      { path: ['enableBan'], label: 'Its hosts are judged', type: 'yes', preset: true },
      {
        path: ['parent'],
        label: 'Inherits from',
        type: 'text',
        hint: 'A hostgroup; empty: the general limits.',
      },
      ...limitsOf('incoming'),
      ...limitsOf('outgoing'),
    ],
    columns: [
      column('name', 'Name', ({ key }) => key),
      column('networks', 'Networks', ({ value }) => listText(value, 'networks')),
      column('incoming', 'Limits incoming', ({ value }) => limitsText(value, 'incoming') || 'inherited'),
      column('outgoing', 'Limits outgoing', ({ value }) => limitsText(value, 'outgoing') || 'inherited'),
      column('judged', 'Judged', ({ value }) => (at(value, 'enableBan') === false ? 'no' : 'yes')),
    ],
  },
  safelist: {
    ...{ section: 'safelist', read: 'configuredSafelist', write: 'replaceSafelist', noun: 'prefix' },
    ...{ keyLabel: 'Prefix', keyAt: 'prefix', isOrdered: false },
    fields: [
      { path: ['reason'], label: 'Reason', type: 'text', hint: 'It stands in every refusal.' },
      {
        path: ['until'],
        label: 'Until',
        type: 'text',
        hint: 'Such as 2027-01-31T00:00:00Z; empty: for ever.',
      },
    ],
    columns: [
      column('prefix', 'Prefix', ({ key }) => key),
      column('reason', 'Reason', ({ value }) => textAt(value, 'reason')),
      column('until', 'Until', ({ value }) => textAt(value, 'until') || 'for ever'),
    ],
  },
}

function stepNames(tree: Tree): string {
  const steps = at(tree, 'steps')
  return Array.isArray(steps) ? steps.map(step => textOf(at(step, 'name'))).join(' → ') : ''
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '?')

/** What stands in a field of the form. */
export function fieldText(tree: Tree, { path, type }: FormField): string {
  return type === 'lines' ? linesAt(tree, ...path) : textAt(tree, ...path)
}

/** The entry with what was typed; a number that is none stays text, for the daemon to refuse with its place. */
export function withField(tree: Tree, { path, type }: FormField, text: string): Tree {
  const trimmed = text.trim()
  if (type === 'lines') return having(tree, path, linesOf(text))
  if (trimmed === '') return having(tree, path, undefined)
  const number = Number(trimmed)
  return having(tree, path, type === 'number' && !Number.isNaN(number) ? number : trimmed)
}

export const isTicked = (tree: Tree, { path, preset = false }: FormField): boolean => {
  const value = at(tree, ...path)
  return typeof value === 'boolean' ? value : preset
}

/** What is as it would be anyway is not written. */
export const withTick = (tree: Tree, { path, preset = false }: FormField, isOn: boolean): Tree =>
  having(tree, path, isOn === preset ? undefined : isOn)

/** An entry under its key, which some sections write into it, first. */
export const keyed = ({ keyAt }: Pick<SectionForm, 'keyAt'>, key: string, value: Tree): Entry => ({
  key,
  value: keyAt === undefined ? value : { [keyAt]: key, ...without(value, keyAt) },
})

function without(tree: Tree, name: string): Tree {
  const { [name]: _gone, ...rest } = tree
  return rest
}
