// The verb rule post: sends rules of DDPS's fourteen keys to a DDPS API.

import { type DdpsAnswer, DdpsClient } from '#compat/ddps/client.ts'
import { type DdpsRule, readDdpsRule } from '#compat/ddps/rule.ts'
import { nestsTooDeep } from '#lib/json-nesting.ts'
import { errorText } from '#lib/log/facts.ts'
import { readBounded } from '../config/read-file.ts'
import { ddpsServerAt } from '../ddps-server.ts'

export interface RulePostOptions {
  /** `-`: standard input. */
  readonly file: string
  readonly url: string
  readonly credentialsFile: string
  readonly caFile: string | undefined
  readonly timeoutSeconds: number
}

interface Output {
  out(text: string): void
  err(text: string): void
}

const BYTES_MAX = 1 << 20
const TOO_LARGE = `it is larger than ${BYTES_MAX} bytes`
const RULES_MAX = 1000

/** Exit code 0 when the server accepted each rule; the first that it does not ends the posting with 1. */
export async function rulePost(
  options: RulePostOptions,
  output: Output,
  input: () => NodeJS.ReadableStream,
): Promise<number> {
  const complain = (problem: string): number => {
    output.err(`floodwarden: ${problem}\n`)
    return 1
  }
  const name = options.file === '-' ? 'standard input' : options.file
  const read = options.file === '-' ? await readInput(input()) : readFile(options.file)
  if ('problem' in read) return complain(`${name}: ${read.problem}`)
  const found = rulesIn(read.text)
  if ('problem' in found) return complain(`${name}: ${found.problem}`)
  const { url, credentialsFile, caFile, timeoutSeconds } = options
  const place = ddpsServerAt({
    ...{ url, credentialsFile, timeoutMs: timeoutSeconds * 1000 },
    ...(caFile === undefined ? {} : { caFile }),
  })
  if (place.kind === 'refused') return complain(place.problem)
  const client = new DdpsClient(place.value)
  for (const [at, rule] of found.rules.entries()) {
    const answer = await client.add(rule)
    const where = found.rules.length === 1 ? name : `${name}[${at}]`
    if (answer.kind !== 'done') return complain(`${where}: ${answerText(answer)}`)
    output.out('rule accepted\n')
  }
  return 0
}

/** Why a rule was not added. */
const answerText = (answer: Exclude<DdpsAnswer, { kind: 'done' }>): string =>
  answer.kind === 'refused' ? `the server refuses it (${answer.status}): ${answer.text}` : answer.error

type Text = { readonly text: string } | { readonly problem: string }

function readFile(path: string): Text {
  const read = readBounded(path, BYTES_MAX)
  switch (read.kind) {
    case 'ok':
      return { text: Buffer.from(read.bytes).toString('utf8') }
    case 'missing':
      return { problem: 'it is not there' }
    case 'too-large':
      return { problem: TOO_LARGE }
    case 'failed':
      return { problem: read.error }
  }
}

/** No more of it is held than a file may have. */
async function readInput(input: NodeJS.ReadableStream): Promise<Text> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of input) {
      const buffer = Buffer.from(part)
      bytes += buffer.length
      if (bytes > BYTES_MAX) return { problem: TOO_LARGE }
      parts.push(buffer)
    }
    return { text: Buffer.concat(parts).toString('utf8') }
  } catch (error) {
    return { problem: errorText(error) }
  }
}

/** One rule, or a list of them, as `floodwarden distill --format ddps` prints it. */
function rulesIn(text: string): { readonly rules: readonly DdpsRule[] } | { readonly problem: string } {
  if (nestsTooDeep(text)) return { problem: 'its JSON nests too deep for a rule' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { problem: `it is no JSON: ${errorText(error)}` }
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (values.length === 0 || values.length > RULES_MAX)
    return { problem: `it holds ${values.length} rules: 1 to ${RULES_MAX} are posted at once` }
  const rules: DdpsRule[] = []
  for (const [at, one] of values.entries()) {
    const read = readDdpsRule(one)
    if (read.kind === 'problems')
      return { problem: `${Array.isArray(value) ? `rule ${at}: ` : ''}${read.problems.join('; ')}` }
    rules.push(read.rule)
  }
  return { rules }
}
