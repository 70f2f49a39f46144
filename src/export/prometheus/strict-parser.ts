// A reader of the text exposition format 0.0.4 that accepts nothing but what we mean to write. For tests of every
// endpoint that serves metrics.

export interface ParsedSample {
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

export interface ParsedFamily {
  readonly name: string
  readonly help: string
  readonly kind: string
  readonly samples: readonly ParsedSample[]
}

const HELP = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/s
const TYPE = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge)$/
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s
const NUMBER = /^(NaN|[+-]Inf|-?\d+(\.\d+)?(e[+-]?\d+)?)$/
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/sy

/** Families in order of appearance. Throws with the line on the first thing that is not strictly valid. */
export function parseExposition(text: string): ParsedFamily[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end')
  const lines = text === '' ? [] : text.slice(0, -1).split('\n')
  const families = new Map<string, ParsedFamily>()
  for (let at = 0; at < lines.length; ) at = readFamily(lines, at, families)
  return [...families.values()]
}

/** Reads HELP, TYPE and the samples that follow; returns the line after them. */
function readFamily(lines: readonly string[], first: number, families: Map<string, ParsedFamily>): number {
  const help = must(HELP, lines[first])
  const type = must(TYPE, lines[first + 1])
  const name = help[1] ?? ''
  if (type[1] !== name) throw new Error(`TYPE of ${type[1]} follows HELP of ${name}`)
  if (families.has(name)) throw new Error(`${name} appears twice`)
  const samples: ParsedSample[] = []
  const seen = new Set<string>()
  let at = first + 2
  for (; at < lines.length && !lines[at]?.startsWith('#'); at++) {
    const sample = must(SAMPLE, lines[at])
    if (sample[1] !== name) throw new Error(`sample of ${sample[1]} within ${name}`)
    const labels = readLabels(sample[2])
    const key = JSON.stringify([...labels].sort())
    if (seen.has(key)) throw new Error(`two samples of ${name} with the same labels`)
    seen.add(key)
    samples.push({ labels, value: readNumber(sample[3] ?? '') })
  }
  if (samples.length === 0) throw new Error(`${name} has no samples`)
  families.set(name, { name, help: unescaped(help[2] ?? ''), kind: type[2] ?? '', samples })
  return at
}

function readLabels(text: string | undefined): Map<string, string> {
  const labels = new Map<string, string>()
  if (text === undefined) return labels
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const at = LABEL.lastIndex
    const match = LABEL.exec(text)
    if (match === null) throw new Error(`bad labels at ${at}: ${text}`)
    const [, name = '', value = ''] = match
    if (labels.has(name)) throw new Error(`label ${name} appears twice`)
    labels.set(name, unescaped(value))
  }
  return labels
}

function readNumber(text: string): number {
  if (!NUMBER.test(text)) throw new Error(`bad number: ${text}`)
  return text.endsWith('Inf') ? Number(`${text[0]}Infinity`) : Number(text)
}

const unescaped = (text: string): string =>
  text.replace(/\\(["\\n])/g, (_, character: string) => (character === 'n' ? '\n' : character))

function must(pattern: RegExp, line: string | undefined): RegExpExecArray {
  const match = pattern.exec(line ?? '')
  if (match === null) throw new Error(`not strictly valid: ${JSON.stringify(line)}`)
  return match
}
