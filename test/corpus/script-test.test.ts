// `floodwarden script-test` with each script of the corpus: told as it ended, whatever the script does.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { run } from '../../lab/command.ts'
import { FLOODWARDEN } from '../../lab/running-daemon.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { scriptPath } from './parsers.ts'
import { type CorpusScript, QUICK, SLEEP_SECONDS, SLOW } from './scripts.ts'

const triedSchema = z.object({
  calls: z.array(
    z.object({
      action: z.enum(['ban', 'attack_details', 'unban']),
      end: z.looseObject({ kind: z.string(), status: z.number().optional() }),
    }),
  ),
})

test('each script is tried with three calls, and the exit status says whether all went well', {
  timeout: 200_000,
}, async t => {
  const folder = temporaryFolder(t)
  // Only what hangs is waited for as long as the limit says; to all others a slow machine may take its time.
  const [config, hasty] = ([120, 1] as const).map(seconds => {
    const file = join(folder, `${seconds}.yaml`)
    writeFileSync(file, `enforcement: { notifyScript: { timeoutSeconds: ${seconds} } }\n`)
    return file
  }) as [string, string]
  const scripts = [...QUICK.filter(({ needsDaemon }) => !needsDaemon), ...SLOW]

  const found = await Promise.all(
    scripts.map((script, at) =>
      tried(script, join(folder, String(at)), script.ends.ban === 'timed-out' ? hasty : config),
    ),
  )

  for (const [at, { ends }] of scripts.entries()) {
    assert.deepEqual(found[at]?.ends, ends, scripts[at]!.name)
    assert.equal(found[at]?.code, Object.values(ends).every(end => end === 'ok') ? 0 : 1)
  }
  const left = (name: string, file: string) =>
    readFileSync(join(folder, String(scripts.findIndex(script => script.name === name)), file), 'utf8')
  assert.match(
    left('mails.pl', '192.0.2.1.mail'),
    /^Subject: .* IP 192\.0\.2\.1 blocked because incoming attack with power 40000 pps\n\nIP: 192\.0\.2\.1\n/m,
  )
  assert.equal(
    left('closes-stdin-early.py', '192.0.2.1.first'),
    'ban IP: 192.0.2.1\nattack_details IP: 192.0.2.1\nunban \n',
  )
  assert.match(left('backgrounds.sh', '192.0.2.1.ban.later'), /^IP: 192\.0\.2\.1\n[\s\S]*bytes \d+ packets\n/)
})

async function tried({ name }: CorpusScript, out: string, config: string) {
  mkdirSync(out)
  const words = ['script-test', scriptPath(name), '--config', config, '--json']
  const argv = ['env', `CORPUS_OUT=${out}`, `CORPUS_SECONDS=${SLEEP_SECONDS}`, FLOODWARDEN, ...words]
  const { code, stdout, stderr } = await run(argv, { timeoutMilliseconds: 190_000 })
  assert.notEqual(stdout, '', stderr)
  const { calls } = triedSchema.parse(JSON.parse(stdout))
  return { code, ends: Object.fromEntries(calls.map(({ action, end }) => [action, endOf(end)])) }
}

const endOf = ({ kind, status }: { kind: string; status?: number | undefined }): string => {
  if (kind !== 'exited') return kind
  return status === 0 ? 'ok' : 'failed'
}
