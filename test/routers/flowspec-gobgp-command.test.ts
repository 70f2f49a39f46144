// Commands printed for the gobgp client, given to the real one: its table then holds the rules they were made of.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ruleKey } from '#lib/flowspec/canonical.ts'
import { printGobgp } from '#lib/flowspec/gobgp-command.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import { mustRun } from '../../lab/command.ts'
import { rulesListed } from '../../lab/flowspec/gobgp-rib.ts'
import { LoneGobgpd } from '../../lab/routers/lone-gobgpd.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const RULES = [
  'destination 192.0.2.1/32 protocol =udp source-port =53 packet-length =512,>=1000&<=1500 then discard',
  'destination 192.0.2.2/32 source 198.51.100.0/24 protocol =tcp,=udp port !=80&!=443 then rate 125000 bytes/s',
  'destination 192.0.2.3/32 tcp-flags =syn&!ack,=rst then discard, action sample',
  'destination 192.0.2.4/32 fragment =is-fragment,=first then mark 10',
  'destination 192.0.2.5/32 protocol =icmp icmp-type =8 icmp-code =0 dscp =46 then action sample+terminal',
  'destination 192.0.2.6/32 tcp-flags syn+fin then discard',
  'destination 192.0.2.7/32 fragment is-fragment+first+last then discard',
  'destination 2001:db8::1/128 protocol =udp destination-port >1024&<2048 then discard',
  'destination ::1234:0:0:0/80 offset 64 flow-label =5 fragment =last then rate 9600 bytes/s as 65001',
].map(text => {
  const parsed = parseRule(text)
  assert.ok(parsed.kind === 'parsed', text)
  return parsed.value
})

test('gobgp reads each command as the rule it was made of', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'gobgp']))) return
  const printed = printGobgp(RULES)
  assert.ok(printed.kind === 'text', printed.kind === 'impossible' ? printed.problems.join('\n') : '')
  await using gobgpd = await LoneGobgpd.start(temporaryFolder(t))

  await mustRun(['sh', '-e'], { input: printed.text.replaceAll('gobgp ', `gobgp -p ${gobgpd.port} `) })

  const listed = await Promise.all(
    ([4, 6] as const).map(async family =>
      rulesListed(await gobgpd.gobgp('global', 'rib', '-a', `ipv${family}-flowspec`, '-j'), family),
    ),
  )
  assert.deepEqual(
    listed.flatMap(({ problems }) => problems),
    [],
  )
  assert.deepEqual(listed.flatMap(({ rules }) => rules.map(ruleKey)).sort(), RULES.map(ruleKey).sort())
})
