// The files beside a fastnetmon.conf: the networks list, the whitelist, and the rules of the whitelist.

import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { PrefixSet } from '#lib/ip/prefix-set.ts'
import type { Problem } from '#lib/schema/problem.ts'
import { confProblem } from './conf-lines.ts'
import type { OutsideOfConf } from './conf-section.ts'
import type { ConfValues } from './conf-values.ts'
import { type PlacedPrefix, readPrefixList } from './prefix-list.ts'
import { type PlacedRule, readWhitelistRules } from './whitelist-rules.ts'

const NETWORKS_LIST = '/etc/networks_list'
const WHITELIST = '/etc/networks_whitelist'
const WHITELIST_RULES = '/etc/whitelist_rules'

export interface ConfLists {
  readonly networks: readonly PlacedPrefix[]
  readonly whitelist: readonly PlacedPrefix[]
  readonly rules: readonly PlacedRule[]
}

/** A list that is not there is empty; one that cannot be read refuses the file. */
export function readLists(values: ConfValues, outside: OutsideOfConf): ConfLists {
  const read = (key: string, missing: string) => readList(values, key, missing, outside)
  const networks = prefixesIn(read('networks_list_path', NETWORKS_LIST), values)
  reportOverlaps(networks, values)
  return {
    networks,
    whitelist: prefixesIn(read('white_list_path', WHITELIST), values),
    rules: rulesIn(read('whitelist_rules_path', WHITELIST_RULES), values),
  }
}

interface ReadList {
  readonly path: string
  readonly text: string
}

function readList(
  values: ConfValues,
  key: string,
  missing: string,
  outside: OutsideOfConf,
): ReadList | undefined {
  const path = values.text(key) ?? missing
  const file = outside.readList(path)
  const report = (severity: Problem['severity'], message: string) =>
    values.problems.push(confProblem('fastnetmon-list-unreadable', severity, values.place(key), message))
  switch (file.kind) {
    case 'ok':
      return { path, text: file.text }
    case 'missing':
      if (values.has(key)) report('warning', `${key}: there is no file ${path}; the list is empty`)
      return undefined
    case 'failed':
      report('error', `${key}: ${path} cannot be read: ${file.error}`)
      return undefined
  }
}

function prefixesIn(list: ReadList | undefined, values: ConfValues): readonly PlacedPrefix[] {
  if (list === undefined) return []
  const { prefixes, problems } = readPrefixList(list.text, list.path)
  values.problems.push(...problems)
  return prefixes
}

function rulesIn(list: ReadList | undefined, values: ConfValues): readonly PlacedRule[] {
  if (list === undefined) return []
  const { rules, problems } = readWhitelistRules(list.text, list.path)
  values.problems.push(...problems)
  return rules
}

/** Networks inside each other are legal, and the longest is a host's network: said once, with an example. */
function reportOverlaps(networks: readonly PlacedPrefix[], values: ConfValues): void {
  const listed = networks.flatMap(({ text, place }) => {
    const prefix = parsePrefix(text)
    return prefix === undefined ? [] : [{ prefix, place }]
  })
  const set = new PrefixSet(listed.map(({ prefix }) => prefix))
  const inside = listed.flatMap(({ prefix, place }) => {
    const around = prefix.length === 0 ? undefined : set.covering(prefix, prefix.length - 1)
    return around === undefined ? [] : [{ prefix, place, around }]
  })
  const [first] = inside
  if (first === undefined) return
  const others = inside.length === 1 ? '' : `, and ${inside.length - 1} more like it`
  const message = `${formatPrefix(first.prefix)} lies within ${formatPrefix(first.around)}${others}: hosts belong to the longest prefix`
  values.problems.push(confProblem('fastnetmon-list-overlap', 'notice', first.place, message))
}
