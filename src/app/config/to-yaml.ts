// The settings of a configuration as native YAML: what a fastnetmon.conf means, each with the line it came from.

import { Document, isMap, isScalar, isSeq, type Node, Scalar } from 'yaml'
import type { SettingPath, SettingsSource } from '#lib/schema/problem.ts'

const HEAD = (file: string) => ` The native equivalent of ${file}, written by floodwarden check --to-yaml.
 A line and a file behind a setting say where it was written; a setting without one is what is taken when nothing is written.`

/** Text that, read as a native configuration, gives the same configuration as `source` does. */
export function toYaml(source: SettingsSource, file: string): string {
  const document = new Document(source.settings, { aliasDuplicateObjects: false })
  document.commentBefore = HEAD(file)
  annotate(document.contents, [], source)
  return document.toString({ lineWidth: 0, commentString: comment => comment.replaceAll(/^ ?/gm, '# ') })
}

/** Puts the place of each value behind it; of a list of lists and sections behind each element. */
function annotate(node: unknown, path: SettingPath, source: SettingsSource): void {
  if (isMap(node)) {
    if (node.items.length === 0) comment(node, path, source)
    for (const pair of node.items) annotate(pair.value, [...path, keyOf(pair.key)], source)
  } else if (isSeq(node)) {
    if (node.items.length === 0) comment(node, path, source)
    for (const [at, item] of node.items.entries()) annotate(item, [...path, at], source)
  } else if (isScalar(node)) {
    comment(node, path, source)
  }
}

function comment(node: Node, path: SettingPath, source: SettingsSource): void {
  const { file, line } = source.locate(path, 'value')
  if (line > 0) node.comment = ` ${file}:${line}`
}

const keyOf = (key: unknown): string => (key instanceof Scalar ? String(key.value) : String(key))
