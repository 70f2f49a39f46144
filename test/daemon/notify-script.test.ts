// The life of one attack from decision to audit, carried by scripts as operators write them.

import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exampleAttack, examplePackets } from '#5-evidence/example.ts'
import { flowsFrom } from '#5-evidence/flow-sections.ts'
import { decide } from '#6-policy/decide.ts'
import { railPrefixesOf } from '#6-policy/guardrail.ts'
import { auditOf } from '#7-mitigation/audit.ts'
import type { Outcome } from '#7-mitigation/enforcer.ts'
import { EXAMPLE_STEP } from '#7-mitigation/example.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { MitigationLedger } from '#7-mitigation/mitigation-ledger.ts'
import { announced, create, end, failed, type Move, withdraw } from '#7-mitigation/transitions.ts'
import { NotifyScript } from '#8-enforcement/notify-script/driver.ts'
import { parsePrefix } from '#lib/ip/prefix.ts'
import { SILENT } from '#lib/log/logger.ts'
import { mayRunProgram } from '../may-run-programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-notify-'))
after(() => rmSync(folder, { recursive: true }))

const HOST = '192.0.2.1'
const OUT = join(folder, 'out')

/** Runs an attack through decision, mitigation and script; gives what the script left behind, and the ledger. */
async function live(script: string): Promise<{ out: string; ledger: MitigationLedger }> {
  const path = join(folder, 'script')
  writeFileSync(path, script)
  chmodSync(path, 0o755)
  rmSync(OUT, { force: true })
  const attack = exampleAttack()
  const packets = examplePackets(40)
  const flows = flowsFrom(packets, HOST, { incoming: 3000, outgoing: 0 }, 21)
  const enforcer = new NotifyScript(
    {
      timeoutSeconds: 10,
      parallel: 2,
      queueMax: 10,
      passDetails: 'with-packets',
      style: { recordCount: 20, addressForm: 'canonical', localTime: () => '2026-01-15 12:00:00.000000' },
      env: { ...process.env, OUT },
    },
    SILENT,
  )
  const ledger = new MitigationLedger()
  const networks = [parsePrefix('192.0.2.0/24')!]
  const decision = decide(attack, {
    rails: {
      ...railPrefixesOf({ networks, whitelist: [], managementPrefixes: [] }),
      ...{ bansMax: 1, bansPerMinute: 1, bansWithinMinute: 0, targets: ledger.targets },
    },
    armed: true,
    scriptPath: path,
  })
  assert.equal(decision.kind, 'act')
  const [action, reason] = [decision.actions[0]!, decision.reasons[0]!]
  const pending = create(
    { attack, ...EXAMPLE_STEP, ordinal: 0, action, reason, enforcer: enforcer.name, maximumSeconds: 60 },
    0,
  )
  ledger.put(pending)

  const ban = await enforcer.announce(pending, { attack, flows, packets: [] })
  const held = keep(ledger, ban.kind === 'done' ? announced(pending, 1) : failed(pending, 1, ban.error))
  ledger.record(entryOf(held, 'announce', ban))
  ledger.record(
    entryOf(held, 'amend', await enforcer.amend(held, { attack, flows, packets: packets.slice(0, 20) })),
  )
  const going = keep(ledger, withdraw(held))
  const unban = await enforcer.withdraw(going, { attack, flows: [], packets: [] })
  ledger.record(entryOf(keep(ledger, end(going, 2, 'withdrawn')), 'withdraw', unban))
  await enforcer.stop(30_000)
  return { out: existsSync(OUT) ? readFileSync(OUT, 'utf8') : '', ledger }
}

function keep(ledger: MitigationLedger, move: Move): Mitigation {
  assert.equal(move.kind, 'moved')
  ledger.put(move.mitigation)
  return move.mitigation
}

const entryOf = (mitigation: Mitigation, what: 'announce' | 'amend' | 'withdraw', outcome: Outcome) =>
  auditOf(mitigation, {
    at: 0,
    who: 'floodwarden',
    what,
    outcome: outcome.kind,
    ...(outcome.kind === 'failed' ? { reason: outcome.error } : {}),
  })

const outcomes = (ledger: MitigationLedger): string[] =>
  ledger.audit().map(({ what, outcome }) => `${what} ${outcome}`)

test('a shell script that mails what it reads gets the whole report', async () => {
  const { out, ledger } = await live(`#!/usr/bin/env bash
if [ "$4" = "unban" ]; then echo "unban $1" >> $OUT; exit 0; fi
if [ "$4" = "ban" ]; then echo "ban $1 power $3" >> $OUT; cat | head -1 >> $OUT; exit 0; fi
if [ "$4" == "attack_details" ]; then (echo "details $1"; cat /dev/stdin | grep -c "protocol: udp frag: 0") >> $OUT; fi
`)

  assert.equal(out, `ban ${HOST} power 40000\nIP: ${HOST}\ndetails ${HOST}\n20\nunban ${HOST}\n`)
  assert.deepEqual(outcomes(ledger), ['announce done', 'amend done', 'withdraw done'])
  assert.equal(ledger.active().length, 0)
})

test('a Python script that parses the report line by line finds type, protocol and flows', async t => {
  if (!mayRunProgram(t, '/usr/bin/python3')) return
  const { out } = await live(`#!/usr/bin/python3
import os, re, sys
address, direction, pps, action = sys.argv[1:]
with open(os.environ['OUT'], 'a') as out:
    if action == 'unban':
        out.write('unban\\n')
        sys.exit(0)
    facts = {}
    flows = packets = 0
    for line in sys.stdin:
        fact = re.match(r'^([A-Za-z ]+): (\\S+)', line)
        if fact: facts[fact.group(1)] = fact.group(2)
        flows += bool(re.match(r'^\\S+:\\d+ < \\S+:\\d+ \\d+ bytes \\d+ packets$', line))
        packets += bool(re.match(r'^\\S+ \\S+ \\S+:\\d+ > \\S+:\\d+ protocol: \\S+ ', line))
    out.write(f"{action} {facts['Attack type']} {facts['Attack protocol']} {facts['Total incoming pps']} {flows} {packets}\\n")
`)

  assert.equal(out, 'ban udp_flood udp 40000 21 0\nattack_details udp_flood udp 40000 0 20\nunban\n')
})

test('a Perl script that never reads and fails is called to the end all the same', async t => {
  if (!mayRunProgram(t, '/usr/bin/perl')) return
  const { out, ledger } = await live(`#!/usr/bin/perl
open(my $out, '>>', $ENV{OUT}); print $out "$ARGV[3] $ENV{FLOODWARDEN_HOSTGROUP} $ENV{FLOODWARDEN_VALUE}\\n"; close($out);
print STDERR "no mail server\\n"; exit 75;
`)

  assert.equal(out, 'ban global 40000\nattack_details global 40000\nunban global 40000\n')
  assert.deepEqual(outcomes(ledger), ['announce failed', 'amend failed', 'withdraw failed'])
  assert.deepEqual(new Set(ledger.audit().map(({ reason }) => reason)), new Set(['exit status 75']))
  assert.equal(ledger.get('example-1.0')?.state, 'withdrawn')
})
