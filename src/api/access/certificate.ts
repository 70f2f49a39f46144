// Who a client is by its certificate, which TLS verified already (RFC 5280, RFC 6125).

import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { confinementOf, type Identity } from '../contract/access.ts'
import type { AccessConfig } from './config.ts'

type CertificateRoles = Pick<AccessConfig, 'certificates' | 'otherCertificates'>

const NAME_CHARACTERS_MAX = 64

/**
 * `undefined`: no certificate, one that was not verified, or one that is to be refused. The names of a certificate are its common
 * name and its alternative names; of several that have a role, the first in the settings counts.
 */
export function certificateIdentity(message: IncomingMessage, roles: CertificateRoles): Identity | undefined {
  const { socket } = message
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerCertificate()
  // Without a certificate Node gives an object without keys.
  if (certificate.subject === undefined) return undefined
  return identityOf(namesOf(certificate.subject.CN, certificate.subjectaltname), roles)
}

/** Of the names of a certificate, common name first. */
export function identityOf(names: readonly string[], roles: CertificateRoles): Identity | undefined {
  const known = roles.certificates.find(({ name }) => names.includes(name))
  if (known !== undefined) {
    const { name, role } = known
    return { kind: 'certificate', name: shown(name), id: '', role, ...confinementOf(known) }
  }
  if (roles.otherCertificates === 'refused') return undefined
  return { kind: 'certificate', name: shown(names[0] ?? 'unnamed'), id: '', role: roles.otherCertificates }
}

/** Reads what Node makes of alternative names: `DNS:a.example, IP Address:192.0.2.1, email:ann@example.org`. */
export function namesOf(
  commonName: string | string[] | undefined,
  alternatives: string | undefined,
): string[] {
  const common = commonName === undefined ? [] : [commonName].flat()
  // A name in quotes holds characters that would part it: it is a trick or a mistake, and gives no role.
  const parts = alternatives === undefined || alternatives.includes('"') ? [] : alternatives.split(', ')
  return [...common, ...parts.map(part => part.slice(part.indexOf(':') + 1))]
}

const shown = (name: string): string => name.replace(/\p{Cc}/gu, '?').slice(0, NAME_CHARACTERS_MAX)
