// A notify script that writes down each of its calls, and the reader of what it wrote.

import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RecordedCall {
  /** Nanoseconds since 1970 when the script began. */
  readonly at: bigint
  readonly argv: readonly string[]
  readonly action: string
  readonly host: string
  readonly environment: Readonly<Record<string, string>>
  readonly stdin: string
  /** What the script's stdin was: a pipe, or /dev/null. */
  readonly stdinIs: string
}

export interface RecordingScript {
  readonly path: string
  /** Calls so far, in the order in which they began. */
  readonly calls: () => readonly RecordedCall[]
  /** Waits until the calls so far are enough; fails with them when they are not in time. */
  readonly until: (
    isEnough: (calls: readonly RecordedCall[]) => boolean,
    seconds?: number,
  ) => Promise<readonly RecordedCall[]>
}

const POLL_MS = 50
/** Far beyond what the slowest machine needs. */
const LIMIT_SECONDS = 60

/** Writes the script into `folder`; `then` are lines of shell that follow when the call is written down. */
export function recordingScript(folder: string, then = ''): RecordingScript {
  const path = join(folder, 'notify.sh')
  const records = join(folder, 'calls')
  mkdirSync(records)
  writeFileSync(path, scriptText(records, then))
  chmodSync(path, 0o755)
  const calls = (): RecordedCall[] =>
    readdirSync(records)
      .filter(isComplete)
      .sort()
      .map(name => readCall(records, name))
  return {
    path,
    calls,
    async until(isEnough, seconds = LIMIT_SECONDS) {
      const deadline = performance.now() + seconds * 1000
      for (;;) {
        const found = calls()
        if (isEnough(found)) return found
        const told = found.map(({ argv }) => argv.join(' ')).join('\n')
        assert.ok(
          performance.now() < deadline,
          `after ${seconds} s the script was called so:\n${told || 'never'}`,
        )
        await sleep(POLL_MS)
      }
    },
  }
}

/** A call is written beside its place and moved there when it is complete. */
const scriptText = (records: string, then: string): string => `#!/bin/sh
began=$(date +%s%N)
call=$(mktemp -d '${records}/new.XXXXXX')
printf '%s\\n' "$@" > "$call/argv"
env -0 > "$call/environment"
readlink /proc/self/fd/0 > "$call/stdin-is"
cat > "$call/stdin"
mv "$call" "${records}/$began-$$"
${then}
`

const isComplete = (name: string): boolean => /^\d+-\d+$/.test(name)

function readCall(records: string, name: string): RecordedCall {
  const read = (file: string) => readFileSync(join(records, name, file), 'utf8')
  const argv = read('argv').trimEnd().split('\n')
  const [host = '', , , action = ''] = argv
  const variables = read('environment')
    .split('\0')
    .filter(text => text !== '')
    .map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const)
  return {
    at: BigInt(name.slice(0, name.indexOf('-'))),
    argv,
    action,
    host,
    environment: Object.fromEntries(variables),
    stdin: existsSync(join(records, name, 'stdin')) ? read('stdin') : '',
    stdinIs: read('stdin-is').trim(),
  }
}
