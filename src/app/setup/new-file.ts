// Files of the first run, which are made and never written over.

import { writeFileSync } from 'node:fs'
import { errorText } from '#lib/log/facts.ts'

/** Makes a file that was not there; gives why it cannot. */
export function writeNewFile(file: string, text: string, mode: number): string | undefined {
  try {
    writeFileSync(file, text, { flag: 'wx', mode })
    return undefined
  } catch (error) {
    return `${file} cannot be made: ${errorText(error)}`
  }
}
