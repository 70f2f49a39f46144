// Accepted limits as configuration, to be pasted into a file.

import { stringify } from 'yaml'
import type { LearnedLimit } from '#api/contract/limits.ts'

const WORDS = '# Learned limits that were accepted. They replace what the file says in the same places.\n'
const DEFAULTS_GO =
  '# A direction below detection.thresholds that is written has no default limits: add those that shall stay.\n'

type Tree = { [key: string]: Tree | number | string[] }

/** Those that hold, in the places of a native configuration. */
export function limitsYaml(limits: readonly LearnedLimit[]): string {
  const tree: Tree = {}
  for (const limit of limits) {
    if (limit.accepted === undefined || limit.standing !== 'applied') continue
    const { path, value } = placeOf(limit, limit.accepted)
    let at = rootOf(tree, limit)
    for (const key of path.slice(0, -1)) at = below(at, key)
    at[path.at(-1) ?? ''] = value
  }
  if (Object.keys(tree).length === 0) return '# No learned limit is accepted.\n'
  return `${WORDS}${'detection' in tree ? DEFAULTS_GO : ''}${stringify(tree)}`
}

function rootOf(tree: Tree, { scope, subject, direction }: LearnedLimit): Tree {
  if (scope === 'global') return below(below(below(tree, 'detection'), 'thresholds'), direction)
  const isNetwork = scope.includes('/')
  // The name under which the daemon itself keeps the limits of a network.
  const name = isNetwork ? `network-${scope.replaceAll(':', '.').replace('/', '-')}` : scope
  const group = below(below(tree, 'hostgroups'), name)
  if (isNetwork) group['networks'] = [scope]
  return below(below(group, subject === 'host' ? 'thresholds' : 'total'), direction)
}

function below(tree: Tree, key: string): Tree {
  const held = tree[key]
  if (typeof held === 'object' && !Array.isArray(held)) return held
  const made: Tree = {}
  tree[key] = made
  return made
}

const PART_OF: Readonly<Record<string, string>> = { fragment: 'fragments' }

/** `udp-bits` is `udp.megabitsPerSecond`. */
function placeOf({ limit }: LearnedLimit, perSecond: number) {
  const parts = limit.split('-')
  const unit = parts.pop() ?? ''
  const key = unit === 'bits' ? 'megabitsPerSecond' : `${unit}PerSecond`
  const value = unit === 'bits' ? perSecond / 1e6 : perSecond
  return { path: [...parts.map(part => PART_OF[part] ?? part), key], value }
}
