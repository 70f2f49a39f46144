// The door of the API over the network: who sent a request, and whether the rule of its route lets it in.

import type { IncomingMessage } from 'node:http'
import type { AccessRule, Identity } from '../contract/access.ts'

export interface Gate {
  /**
   * Who sent the request, which `rule` lets in; undefined rule: a path that does not exist, which is only counted.
   * Throws an AccessRefusal otherwise. Reads headers alone: called before any body is read.
   */
  admit(message: IncomingMessage, rule: AccessRule | undefined): Identity
  /** Where the request came from, past trusted proxies, in canonical form. */
  addressOf(message: IncomingMessage): string
  /** Whether it came over TLS, to us or to a trusted proxy. */
  isSecure(message: IncomingMessage): boolean
}
