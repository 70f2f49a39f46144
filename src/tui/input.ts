// What a terminal sends for keys, as keys: one character, or a name in angle brackets such as `<up>`.

/** A single character as typed, or one of the names below. Nobody can type a name: each has several characters. */
export type Key = string

const NAMES: Readonly<Record<string, Key>> = {
  '\u001b[A': '<up>',
  '\u001bOA': '<up>',
  '\u001b[B': '<down>',
  '\u001bOB': '<down>',
  '\u001b[C': '<right>',
  '\u001bOC': '<right>',
  '\u001b[D': '<left>',
  '\u001bOD': '<left>',
  '\u001b[5~': '<page-up>',
  '\u001b[6~': '<page-down>',
  '\u001b[H': '<home>',
  '\u001bOH': '<home>',
  '\u001b[1~': '<home>',
  '\u001b[F': '<end>',
  '\u001bOF': '<end>',
  '\u001b[4~': '<end>',
  '\u001b[Z': '<back-tab>',
  '\u001b': '<escape>',
  '\u0003': '<interrupt>',
  '\u0004': '<end-of-input>',
  '\t': '<tab>',
  '\r': '<enter>',
  '\n': '<enter>',
  '\u007f': '<backspace>',
  '\b': '<backspace>',
  '\u0015': '<clear-line>',
  '\u000c': '<redraw>',
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are sequences that begin with ESC.
const SEQUENCE = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O[A-Za-z])?|[^\u001b]/gsu
const CONTROL = /\p{Cc}/u

/** Keys of one read from the terminal, in order; sequences and controls that mean nothing here are left out. */
export function keysOf(input: string): Key[] {
  return [...input.matchAll(SEQUENCE)].flatMap(([text]) => {
    const name = NAMES[text]
    if (name !== undefined) return [name]
    return text.startsWith('\u001b') || CONTROL.test(text) ? [] : [text]
  })
}

export const isText = (key: Key): boolean => !(key.startsWith('<') && key.length > 1)
