// A client of DDPS as people wrote it: a shell script with constants, curl, a cookie and a file, against a daemon that runs.

import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { ddpsRule } from '#compat/ddps/rule-for-tests.ts'
import { run } from '../../lab/command.ts'
import { freePort } from '../../lab/free-port.ts'
import { RunningDaemon } from '../../lab/running-daemon.ts'
import { mayRunProgram } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const rowsSchema = z.array(
  z.object({ status: z.string(), username: z.string(), sourceapp: z.string(), packetlength: z.string() }),
)

const PASSWORD = 'correct horse battery'

/** No options; success is the text `rule accepted` and nothing else; 127 without a file. */
const scriptOf = (port: number, password: string, rule: string) => `#!/bin/sh
USERNAME=ann
PASSWORD='${password}'
URL=http://127.0.0.1:${port}
RULE=${rule}
[ -f "$RULE" ] || exit 127
token=$(curl -k -s -D - -o /dev/null -X POST "$URL/signin" \\
  -d "{\\"username\\":\\"$USERNAME\\",\\"password\\":\\"$PASSWORD\\"}" |
  tr -d '\\r' | sed -n 's/^[Ss]et-[Cc]ookie: token=\\([^;]*\\).*/\\1/p')
sleep 1
answer=$(curl -k -s -X POST --cookie "token=$token" -d "@$RULE" "$URL/addrule")
if [ "$answer" = 'rule accepted' ]; then echo 'success'; else echo "failed: $answer"; fi
`

test('the shell client of DDPS works unchanged, at an address that serves nothing else', async t => {
  if (!mayRunProgram(t, '/usr/bin/curl')) return
  const folder = temporaryFolder(t)
  const [own, api] = [await freePort(), await freePort()]
  const config = join(folder, 'config.yaml')
  writeFileSync(
    config,
    `networks: [10.0.0.0/24]
capture: { method: off }
metrics: { listen: off }
api: { listen: '127.0.0.1:${api}' }
compatibility: { ddpsApi: { listen: '127.0.0.1:${own}' } }
`,
  )
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 })
  const rule = join(folder, 'rule.json')
  writeFileSync(rule, JSON.stringify(ddpsRule()))
  const client = async (name: string, password = PASSWORD, file = rule) => {
    const script = join(folder, name)
    writeFileSync(script, scriptOf(own, password, file))
    chmodSync(script, 0o700)
    const { code, stdout } = await run([script])
    return `${code} ${stdout.trim()}`
  }
  await using daemon = await RunningDaemon.start({
    state: join(folder, 'state'),
    words: ['--config', config],
  })
  await daemon.ask(['users', 'add', 'ann', '--role', 'operator', '--password-file', passwordFile])

  const [right, wrong, missing, beside] = await Promise.all([
    client('right'),
    client('wrong', 'wrong one'),
    client('missing', PASSWORD, join(folder, 'nothing.json')),
    fetch(`http://127.0.0.1:${api}/signin`, { method: 'POST', body: '{}' }),
  ])
  const again = await client('again')
  const native = await fetch(`http://127.0.0.1:${own}/api/v1/health`)
  const signed = await fetch(`http://127.0.0.1:${own}/signin`, {
    method: 'POST',
    body: JSON.stringify({ username: 'ann', password: PASSWORD }),
  })
  const [cookie = ''] = signed.headers.getSetCookie()[0]?.split(';') ?? []
  const listed = await fetch(`http://127.0.0.1:${own}/rules`, { headers: { cookie } })
  const rules = rowsSchema.parse(await listed.json())

  assert.equal(right, '0 success')
  assert.equal(wrong, '0 failed: no cookie')
  assert.equal(missing, '127 ')
  assert.match(again, /^0 failed: .*matches the same/)
  assert.deepEqual([beside.status, native.status], [404, 404])
  assert.deepEqual(rules, [
    { status: 'Active', username: 'user:ann', sourceapp: 'ddps', packetlength: '=468' },
  ])
})
