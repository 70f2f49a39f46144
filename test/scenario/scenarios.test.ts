// Every scenario replayed by the real program: its report, its facts and its calls are those of the folder, byte for byte.
//
// UPDATE_EXPECTED=1 writes what was said into the folders instead. Read the difference before you keep it.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { run } from '../../lab/command.ts'
import { recordingScript } from '../../lab/recording-script.ts'
import {
  expectedOf,
  makeCapture,
  rewriteExpected,
  SCENARIOS,
  type Scenario,
  scenarioNamed,
  type Told,
} from './case.ts'
import { REPLAY_PATIENCE_MS } from './patience.ts'
import { callsText, readFacts } from './told.ts'

const FLOODWARDEN = join(import.meta.dirname, '../../floodwarden')
const folder = mkdtempSync(join(tmpdir(), 'floodwarden-scenario-'))
after(() => rmSync(folder, { recursive: true }))

describe('a replay says what its folder expects', { concurrency: 2 }, () => {
  for (const scenario of SCENARIOS) {
    test(scenario.name, async () => {
      const capture = captureOf(scenario)

      const [report, json] = await Promise.all([
        replay(scenario, capture),
        replay(scenario, capture, '--json'),
      ])

      const { facts, calls } = readFacts(json)
      const told: Told = { 'report.txt': report, 'facts.json': facts, 'calls.txt': callsText(calls) }
      if (process.env['UPDATE_EXPECTED'] === '1') rewriteExpected(scenario, told)
      assert.deepEqual(told, expectedOf(scenario))
    })
  }
})

test('the same file is told with the same bytes, whichever way it is judged', async () => {
  const scenario = scenarioNamed('mixed-vectors')
  const capture = captureOf(scenario)

  for (const mode of ['budget', 'plain']) {
    const words = ['--detection', mode, '--json']
    const [first, second] = await Promise.all([
      replay(scenario, capture, ...words),
      replay(scenario, capture, ...words),
    ])

    assert.equal(first, second)
    assert.match(first, new RegExp(`"mode": "${mode}"`))
  }
})

/** What is proposed changes its words and perhaps its components as the distiller gets better; what it takes and spares does not. */
test('a replay says on request which rules take the flood and spare the rest, or that none does', async () => {
  const told = async (name: string) => {
    const scenario = scenarioNamed(name)
    return (await replay(scenario, captureOf(scenario), '--rules')).match(/^proposed: .*$/gm)
  }

  const [rules, none] = await Promise.all([told('rules-proposed'), told('rules-inseparable')])

  assert.equal(rules?.length, 1)
  assert.match(rules[0]!, /^proposed: destination 10\.10\.10\.10\/32 protocol =udp .* then discard /)
  assert.match(
    rules[0]!,
    /\(takes 9[89]\.\d % of 1024 packets seen during the attack and 0\.0 % of \d+ calm ones\)$/,
  )
  assert.equal(none?.length, 1)
  assert.match(none[0]!, /^proposed: no rule: .*; worth trying instead: /)
})

test('packets in the text have the time on the wall, facts have UTC', async () => {
  const scenario = scenarioNamed('udp-flood')
  const capture = captureOf(scenario)

  const { facts, calls } = readFacts(await replayIn('America/New_York', scenario, capture, '--json'))

  assert.match(facts, /"openedAt": "2026-01-01T00:00:0\d\.\d{3}Z"/)
  const details = calls.find(({ action }) => action === 'attack_details')
  assert.match(details?.stdin ?? '', /^2025-12-31 19:00:0\d\.\d{6} 198\./m)
  assert.doesNotMatch(details?.stdin ?? '', /^2026-/m)
})

test('a script that is really called gets what the replay says it would', async () => {
  const scenario = scenarioNamed('attacked-again')
  const capture = captureOf(scenario)
  const script = recordingScript(folder)
  const { calls } = readFacts(await replay(scenario, capture, '--json'))

  await replay(scenario, capture, '--script', script.path)

  const called = script.calls().map(({ action, argv, environment, stdin, stdinIs }) => ({
    action,
    argv,
    environment: Object.fromEntries(
      Object.entries(environment).filter(([name]) => name.startsWith('FLOODWARDEN_')),
    ),
    stdin: stdinIs === '/dev/null' ? null : stdin,
  }))
  assert.equal(calls.length, 6)
  assert.deepEqual(
    called,
    calls.map(({ at: _at, ...call }) => call),
  )
})

function captureOf(scenario: Scenario): string {
  const file = join(folder, scenario.name)
  makeCapture(scenario, file)
  return file
}

/** What `floodwarden replay` writes to stdout, in the folder of the scenario and in the time zone of the files. */
const replay = (scenario: Scenario, capture: string, ...words: string[]): Promise<string> =>
  replayIn('UTC', scenario, capture, ...words)

async function replayIn(
  zone: string,
  { folder: cwd, config }: Scenario,
  capture: string,
  ...words: string[]
): Promise<string> {
  const argv = ['env', '-C', cwd, `TZ=${zone}`, FLOODWARDEN, 'replay', capture, '--config', config, ...words]
  const { code, stdout, stderr } = await run(argv, { timeoutMilliseconds: REPLAY_PATIENCE_MS })
  assert.equal(code, 0, stderr)
  return stdout
}
