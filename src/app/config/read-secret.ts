// Secrets that the configuration only says the place of: read from a file, from a key of a YAML file, or the environment.
//
// What went wrong is told without what was read.

import { readYaml } from '#lib/yaml/read-yaml.ts'
import type { SecretReference } from '#notify/webhook/destination-fields.ts'
import { decodeUtf8, readBounded } from './read-file.ts'

const SECRET_BYTES_MAX = 64 * 1024
/** A prefixd.yaml with an inventory of its own may be as long as that. */
const YAML_BYTES_MAX = 16 * 1024 * 1024

export type SecretRead =
  | { readonly kind: 'ok'; readonly secret: string }
  | { readonly kind: 'failed'; readonly error: string }

/** Reads secrets of one moment: a YAML file that holds many is read once. */
export class SecretReader {
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #trees = new Map<string, unknown>()

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment
  }

  read({ file, key, env }: SecretReference): SecretRead {
    if (file === undefined) return found(this.#environment[env ?? ''], `the environment variable ${env}`)
    const read = key === undefined ? this.#text(file, SECRET_BYTES_MAX) : this.#tree(file)
    if (read.kind === 'failed') return read
    if (key === undefined) return found(String(read.value).replace(/\r?\n$/, ''), file)
    const value = key.reduce<unknown>(
      (at, step) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? Reflect.get(at, step) : undefined,
      read.value,
    )
    return found(value, `${key.join('.')} in ${file}`)
  }

  #tree(file: string): Value {
    if (this.#trees.has(file)) return { kind: 'ok', value: this.#trees.get(file) }
    const text = this.#text(file, YAML_BYTES_MAX)
    if (text.kind === 'failed') return text
    const value = readYaml(text.value, file).settings
    this.#trees.set(file, value)
    return { kind: 'ok', value }
  }

  #text(file: string, bytesMax: number): Value<string> {
    const read = readBounded(file, bytesMax)
    if (read.kind === 'ok') {
      const decoded = decodeUtf8(read.bytes)
      return decoded.kind === 'ok'
        ? { kind: 'ok', value: decoded.text }
        : { kind: 'failed', error: `${file} is not UTF-8` }
    }
    if (read.kind === 'missing') return { kind: 'failed', error: `there is no file ${file}` }
    if (read.kind === 'too-large') return { kind: 'failed', error: `${file} is too large` }
    return { kind: 'failed', error: `${file} cannot be read: ${read.error}` }
  }
}

type Value<Of = unknown> =
  | { readonly kind: 'ok'; readonly value: Of }
  | { readonly kind: 'failed'; readonly error: string }

const found = (value: unknown, where: string): SecretRead =>
  typeof value === 'string' && value !== ''
    ? { kind: 'ok', secret: value }
    : { kind: 'failed', error: `${where} is ${value === undefined ? 'not set' : 'no text, or empty'}` }
