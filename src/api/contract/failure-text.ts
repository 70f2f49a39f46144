// A failed call in words: what happened, and what to do about it.

import { errorText } from '#lib/log/facts.ts'
import type { Failure } from './client.ts'
import type { Problem } from './problem.ts'

/** One or more lines without a final line end; the first says what happened. */
export function failureText(failure: Failure): string {
  switch (failure.kind) {
    case 'absent':
      if (isUrl(failure.path))
        return [
          `no daemon answers at ${failure.path}: ${errorText(failure.cause)}`,
          'Check address and port, and that api.listen of the daemon lets it be reached from here.',
        ].join('\n')
      return [
        `no daemon answers on ${failure.path}`,
        'Start one with: floodwarden run',
        'If it keeps its state elsewhere, name the place: --state DIR, or FLOODWARDEN_STATE in the environment.',
      ].join('\n')
    case 'forbidden':
      return [
        `you may not open ${failure.path}`,
        'Its owner and the members of its group may: call the command through sudo, or join the group.',
      ].join('\n')
    case 'silent':
      return [
        `the daemon on ${failure.path} did not answer within ${failure.timeoutMs / 1000} s`,
        'Look into its log; detection may be starved of processor time.',
      ].join('\n')
    case 'broken':
      return isUrl(failure.path)
        ? brokenUrlText(failure)
        : `the connection to ${failure.path} broke: ${errorText(failure.cause)}`
    case 'garbled':
      if (isUrl(failure.path))
        return [
          `what answers at ${failure.path} (status ${failure.status}) is no Floodwarden, or of another version`,
          'Check the URL, and compare floodwarden version with floodwarden status --json.',
        ].join('\n')
      return [
        `the answer of ${failure.path} (status ${failure.status}) is not understood`,
        'Daemon and command are probably of different versions: compare floodwarden version with floodwarden status --json.',
      ].join('\n')
    case 'refused':
      return problemText(failure.problem)
  }
}

const isUrl = (path: string): boolean => /^https?:/.test(path)

/** What OpenSSL says of a certificate, and Node of the name in it. */
const UNTRUSTED = /CERT|SIGNATURE|ISSUER|ERR_TLS_/
const UNKNOWN_AUTHORITY = /SELF_SIGNED|ISSUER|LEAF_SIGNATURE|UNTRUSTED/

function brokenUrlText({ path, cause }: Extract<Failure, { kind: 'broken' }>): string {
  const code = 'code' in cause ? String(cause.code) : ''
  if (UNTRUSTED.test(code))
    return [
      `the certificate of ${path} is not believed: ${errorText(cause)}`,
      UNKNOWN_AUTHORITY.test(code)
        ? 'If an authority of your own signed it, name that: --ca-file FILE, or FLOODWARDEN_CA_FILE in the environment.'
        : 'Ask by a name that stands in the certificate, or have the certificate renewed.',
    ].join('\n')
  const other = path.startsWith('https:') ? path.replace('https:', 'http:') : path.replace('http:', 'https:')
  // OpenSSL says it in a line of its own inside.
  const words = code === 'EPROTO' ? 'it does not speak TLS' : errorText(cause)
  return [
    `the connection to ${path} broke: ${words}`,
    `Perhaps the daemon is asked with the wrong scheme: try ${other}`,
  ].join('\n')
}

function problemText(problem: Problem): string {
  const title = problem.title.replace(/\.$/, '')
  const what = problem.detail === undefined ? title : `${title}: ${problem.detail}`
  const fields = (problem.errors ?? []).map(error => `  ${error.at || 'request'}: ${error.problem}`)
  return [what, ...fields, `${problem.means} ${problem.do}`].join('\n')
}
