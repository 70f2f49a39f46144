// What the files of prefixd say for parts that are not carried out yet: kept in order, without any secret. Of a secret only
// where it is written is kept, so that whoever needs it reads it there.

import type { PrefixdMainSettings } from './settings-schema.ts'

export type SecretReference =
  | { readonly kind: 'environment'; readonly name: string }
  /** `path` is the key within the file: `storage.connection_string`. */
  | { readonly kind: 'in-file'; readonly file: string; readonly path: string }

export interface Kept {
  readonly pop: string
  /** The HTTP API; the token is a reference. */
  readonly http: PrefixdMainSettings['http']
  readonly bearerToken: SecretReference
  /** prefixd's own database, for whoever takes over its operators and history. */
  readonly database: SecretReference | undefined
}
