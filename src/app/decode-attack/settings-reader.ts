// Reads settings of a notify script from variables, and collects what is wrong with them.

import { readEnvironmentFile } from './environment-file.ts'

const USUAL_FILE = '/etc/default/floodwarden'

/** A variable of the environment wins over that of the file. */
export function variablesOf(
  environment: Readonly<Record<string, string | undefined>>,
): (name: string) => string | undefined {
  const file = readEnvironmentFile(environment['FLOODWARDEN_ENVIRONMENT_FILE'] || USUAL_FILE)
  return name => environment[name] || file.get(name) || undefined
}

export class SettingsReader {
  readonly problems: string[] = []
  readonly #variable: (name: string) => string | undefined

  constructor(variable: (name: string) => string | undefined) {
    this.#variable = variable
  }

  /** Names stand without `FLOODWARDEN_`. */
  text(name: string): string | undefined {
    return this.#variable(`FLOODWARDEN_${name}`)
  }

  /** Absolute: who calls us may stand anywhere. */
  path(name: string, usual: string): string {
    const text = this.text(name) ?? usual
    if (!text.startsWith('/')) this.complain(name, 'is a path that begins with /')
    return text
  }

  whole(name: string, least: number, most: number, usual: number): number {
    const text = this.text(name)
    if (text === undefined) return usual
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= most) return value
    this.complain(name, `is a whole number from ${least} to ${most}`)
    return usual
  }

  choice<Word extends string>(name: string, words: readonly Word[], usual: Word): Word {
    return this.optionalChoice(name, words) ?? usual
  }

  optionalChoice<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.text(name)
    const word = words.find(one => one === text)
    if (text !== undefined && word === undefined) this.complain(name, `is ${words.join(' or ')}`)
    return word
  }

  complain(name: string, what: string): void {
    this.problems.push(`FLOODWARDEN_${name} ${what}`)
  }
}
