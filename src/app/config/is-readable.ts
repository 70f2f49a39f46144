// Whether a file that the configuration names can be read by whoever checks it.

import { accessSync, constants } from 'node:fs'

export function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}
