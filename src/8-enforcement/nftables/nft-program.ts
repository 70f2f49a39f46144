// Runs nft(8), with bounds on time and on what it says; its errors become words that say what to do.

import { spawn } from 'node:child_process'
import { lending } from '#lib/linux/capability.ts'

export type NftAnswer =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'failed'; readonly error: string }

export interface NftRequest {
  readonly argv: readonly string[]
  /** For `nft -f -`. */
  readonly input?: string
}

/** Asks nft for something. Never rejects. */
export type RunNft = (request: NftRequest) => Promise<NftAnswer>

const TIMEOUT_MS = 20_000
const OUTPUT_BYTES_MAX = 256 << 20
const ERROR_LENGTH_MAX = 600
/** Where Debian has it, whatever the environment says. */
const MORE_PATH = '/usr/sbin:/sbin'

/** A transaction that is killed half way changes nothing: the kernel takes it whole or not at all. */
export function nftProgram(program = 'nft', timeoutMs = TIMEOUT_MS): RunNft {
  return ({ argv, input }) =>
    new Promise(resolve => {
      const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:${MORE_PATH}` }
      const child = lending('netAdmin', () => spawn(program, [...argv], { stdio: 'pipe', env }))
      const timer = setTimeout(() => end(`did not answer for ${timeoutMs / 1000} s and was ended`), timeoutMs)
      const output: Buffer[] = []
      let bytes = 0
      let complaint = ''
      const end = (what: string): void => {
        complaint = what
        child.kill('SIGKILL')
      }
      child.stdout.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > OUTPUT_BYTES_MAX) end(`said more than ${OUTPUT_BYTES_MAX} bytes and was ended`)
        else output.push(chunk)
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (complaint.length < ERROR_LENGTH_MAX * 4) complaint += text
      })
      // It may refuse before it has read everything.
      child.stdin.on('error', () => {}).end(input ?? '')
      child.on('error', error => {
        clearTimeout(timer)
        resolve({ kind: 'failed', error: notStarted(program, error) })
      })
      child.on('close', code => {
        clearTimeout(timer)
        if (code === 0) resolve({ kind: 'done', text: Buffer.concat(output).toString() })
        else resolve({ kind: 'failed', error: refused(complaint, code) })
      })
    })
}

function notStarted(program: string, error: Error): string {
  const isMissing = 'code' in error && error.code === 'ENOENT'
  return isMissing
    ? `${program} is not installed: install the package nftables`
    : `${program} could not be started: ${error.message}`
}

function refused(complaint: string, code: number | null): string {
  const words = complaint.trim().replace(/\s+/g, ' ').slice(0, ERROR_LENGTH_MAX)
  const what = words === '' ? `ended with ${code === null ? 'a signal' : `status ${code}`}` : words
  const advice = adviceFor(what)
  return `nft: ${what}${advice === undefined ? '' : ` (${advice})`}`
}

function adviceFor(what: string): string | undefined {
  if (/operation not permitted|permission denied/i.test(what))
    return 'run as root, or give Floodwarden the capability CAP_NET_ADMIN from its start: deploy/systemd/protection.conf'
  if (/no such device|no such file or directory.*ingress/i.test(what))
    return 'a device that is named does not exist'
  if (/no buffer space|message too long|too many open/i.test(what))
    return 'the kernel has no room for so much at once: raise net.core.wmem_max, or tell shorter lists'
  if (/synproxy/i.test(what)) return 'the kernel has no SYN proxy: load nft_synproxy'
  return undefined
}

/** Whether the table is just not there. */
export const isAbsent = ({ error }: { readonly error: string }): boolean =>
  /no such file or directory/i.test(error) && /list table/.test(error)
