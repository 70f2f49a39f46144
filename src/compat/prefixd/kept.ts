// What the files of prefixd say for parts that are not carried out yet: kept in order, without any secret. Of a secret only
// where it is written is kept, so that whoever needs it reads it there.

import type { DestinationType } from './alerting-schema.ts'
import type { PrefixdMainSettings } from './settings-schema.ts'

export type SecretReference =
  | { readonly kind: 'environment'; readonly name: string }
  /** `path` is the key within the file: `storage.connection_string`. */
  | { readonly kind: 'in-file'; readonly file: string; readonly path: string }

export interface KeptDestination {
  readonly type: DestinationType
  /** For people: `slack #ops`. */
  readonly name: string
  /** Fields that are no secrets, by their names in prefixd. */
  readonly settings: Readonly<Record<string, string>>
  /** By the names of the fields: `webhook_url`, `headers.Authorization`. */
  readonly secrets: Readonly<Record<string, SecretReference>>
  /** Empty: all. */
  readonly events: readonly string[]
}

export interface KeptAlerting {
  readonly destinations: readonly KeptDestination[]
  /** Empty: all. */
  readonly events: readonly string[]
}

export interface KeptPlaybook {
  readonly name: string
  readonly correlation: Readonly<Record<string, number>>
}

export interface Kept {
  readonly pop: string
  /** The HTTP API; the token is a reference. */
  readonly http: PrefixdMainSettings['http']
  readonly bearerToken: SecretReference
  /** prefixd's own database, for whoever takes over its operators and history. */
  readonly database: SecretReference | undefined
  readonly correlation: PrefixdMainSettings['correlation']
  readonly playbooks: readonly KeptPlaybook[]
  readonly alerting: KeptAlerting
}
