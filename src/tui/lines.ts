// Lines of a screen: their text says all, a mark is for whoever sees colours.

export type Mark = 'title' | 'stale' | 'tabs' | 'head' | 'selected' | 'alert'

export interface MarkedLine {
  readonly text: string
  readonly mark: Mark
}

export type Line = string | MarkedLine

export const textOf = (line: Line): string => (typeof line === 'string' ? line : line.text)

export const marked = (mark: Mark, text: string): MarkedLine => ({ mark, text })
