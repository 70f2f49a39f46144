// Templates and records of routers for tests, told field by field.

import {
  Collector,
  type FieldBytes,
  ipfix,
  netflow9,
  number,
  set,
  type Taken,
  template,
} from './flow-exports-for-tests.ts'
import { SOURCE_V4, TARGET_V4 } from './frame/frames-for-tests.ts'

/** A field with its content: a number, or bytes as they are. */
export type Content = readonly [element: number, bytes: number, content: number | readonly number[]]

export const ADDRESSES: readonly Content[] = [
  [8, 4, SOURCE_V4],
  [12, 4, TARGET_V4],
]
const fieldsOf = (contents: readonly Content[]): FieldBytes[] =>
  contents.map(([element, bytes]) => [element, bytes])
const recordOf = (contents: readonly Content[]): number[] =>
  contents.flatMap(([, bytes, content]) =>
    typeof content === 'number' ? number(content, bytes) : [...content],
  )

/** Decodes one record behind its template, in the protocol. */
export function decodeRecord(
  protocol: 'netflow9' | 'ipfix',
  contents: readonly Content[],
  collector = new Collector(),
) {
  const definition = template(300, fieldsOf(contents))
  const data = set(300, [recordOf(contents)])
  return collector.decode(
    protocol === 'netflow9' ? netflow9([set(0, [definition]), data]) : ipfix([set(2, [definition]), data]),
  )
}

export const pick = (record: Taken | undefined, ...names: string[]) => names.map(name => record?.[name])
