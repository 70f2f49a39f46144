// What the real ExaBGP makes of the commands we write for it: the bytes it sends say what the rule says.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { canonical, ruleKey } from '#lib/flowspec/canonical.ts'
import { decodeExtended } from '#lib/flowspec/communities.ts'
import { decodeNlri } from '#lib/flowspec/decode.ts'
import { announceToExabgp } from '#lib/flowspec/exabgp.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import type { Action, Rule } from '#lib/flowspec/rule.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { BgpListener, type Heard } from './bgp-listener.ts'
import { startExabgp } from './exabgp-speaker.ts'

const SESSION_MS = 15_000

/** Rules of every component and action that ExaBGP has words for. */
const RULES = [
  'destination 192.0.2.1/32 protocol =udp source-port =53 then discard',
  'destination 192.0.2.2/32 source 198.51.100.0/24 protocol =tcp,=udp destination-port >=80&<=443 then rate 1000000 bytes/s',
  'destination 192.0.2.3/32 port =123,>1024&<2048 then discard',
  'destination 192.0.2.4/32 protocol =icmp icmp-type =8 icmp-code =0 then discard',
  'destination 192.0.2.5/32 tcp-flags =syn then discard',
  'destination 192.0.2.9/32 tcp-flags =syn&!ack,=rst then discard',
  'destination 192.0.2.6/32 packet-length >=1000&<=1500,=64 dscp =46 then mark 10, action sample+terminal',
  'destination 192.0.2.7/32 fragment is-fragment then discard',
  'destination 192.0.2.8/32 fragment first,last then discard',
  'source 198.51.100.7/32 protocol =47 then redirect 65001:100',
  'destination 2001:db8::1/128 protocol =udp source-port =53,=123 then discard',
  'destination 2001:db8::2/128 source 2001:db8:1::/48 dscp =46 then rate 9600 bytes/s',
  'destination 2001:db8::3/128 flow-label =7 then discard',
  'destination 2001:db8::4/128 fragment first then discard',
].map(text => {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return parsed.value
})

test('ExaBGP sends rules that mean what our commands say', async t => {
  if (!(await mayRunPrograms(t, ['exabgp', 'python3']))) return
  using listener = await BgpListener.listen()
  const commands = RULES.map(rule => {
    const command = announceToExabgp(rule)
    assert.ok(command.kind === 'command', ruleKey(rule))
    return command.text
  })

  tellExabgp(t, listener.port, commands)

  const isAll = await listener.until(RULES.length, SESSION_MS)
  assert.ok(isAll, `${listener.heard.length} of ${RULES.length} rules came (${listener.notification})`)
  const heard = listener.heard.map(ruleOf).map(ruleKey).sort()
  assert.deepEqual(heard, RULES.map(ruleKey).sort())
})

function ruleOf({ family, nlri, communities }: Heard): Rule {
  const decoded = decodeNlri(nlri, family)
  assert.ok(decoded.kind === 'flow', 'ExaBGP sends what can be read')
  assert.equal(decoded.next, nlri.length, 'one rule in each message')
  return canonical({ ...decoded.flow, actions: communities.map(actionOf) })
}

function actionOf(community: Uint8Array): Action {
  const decoded = decodeExtended(community)
  assert.ok(decoded.kind === 'action', decoded.kind)
  return decoded.action
}

/** It is told the commands by a process of its own, which then waits; the end of the test ends both. */
function tellExabgp(t: TestContext, port: number, commands: readonly string[]): void {
  const folder = temporaryFolder(t)
  const [teller, lines] = [join(folder, 'tell.py'), join(folder, 'commands')]
  writeFileSync(lines, `${commands.join('\n')}\n`)
  writeFileSync(teller, TELLER, { mode: 0o700 })
  startExabgp(t, folder, { port, run: `${teller} ${lines}`, families: 'ipv4 flow; ipv6 flow;' })
}

const TELLER = `#!/usr/bin/python3
import sys, time
for line in open(sys.argv[1]):
    sys.stdout.write(line)
    sys.stdout.flush()
    time.sleep(0.05)
time.sleep(60)
`
