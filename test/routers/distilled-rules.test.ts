// What the distiller emits, told to real routers by our own enforcer: each of them has every rule as it was meant, in both
// families, and no session is reset on the way.

import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { anyInput } from '#5-evidence/distill/any-input-for-tests.ts'
import { distill } from '#5-evidence/distill/distill.ts'
import type { Mitigation } from '#7-mitigation/mitigation.ts'
import { ruleMitigation } from '#8-enforcement/bgp/mitigation-for-tests.ts'
import { matchKey, ruleKey } from '#lib/flowspec/canonical.ts'
import { printRule } from '#lib/flowspec/print.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { communitiesOfBird, flowOfBird } from '../../lab/flowspec/bird-flow.ts'
import { communityOfFrr } from '../../lab/flowspec/frr-flow.ts'
import { FlowLab } from '../../lab/routers/flow-lab.ts'
import { sessionHistory } from '../../lab/routers/session.ts'
import { VICTIM } from '../../lab/routers/topology.ts'
import { until } from '../../lab/until.ts'
import { mayRunPrograms } from '../may-run-programs.ts'
import { temporaryFolder } from '../temporary-folder.ts'

/** The same each time; another seed makes other attacks. */
const SEED = 20_260_302
const INPUTS = 400
const RULES_MIN = 200

test('every distilled rule stands in GoBGP, BIRD and FRR as it was meant, and no session is reset', async t => {
  if (!(await mayRunPrograms(t, ['gobgpd', 'bird', 'vtysh', 'nft']))) return
  await using lab = await FlowLab.create(temporaryFolder(t, 0o755))
  const ask = enforcerIn(t, lab)
  const rules = distilledRules()
  const mitigations = rules.map((rule, at) => ruleMitigation(`d-${at}`, printRule(rule), 'gobgp'))
  await lab.established()
  const before = await histories(lab)

  const answers = await ask('announce', mitigations)
  await untilCounts(lab, rules.length)
  await lab.router.untilEnforced(rules.length)
  await assertTables(lab, rules)

  assert.deepEqual(
    answers,
    rules.map(() => ({ kind: 'done' })),
  )
  assert.deepEqual(await histories(lab), before)
  await ask('withdraw', mitigations)
  await untilCounts(lab, 0)
  await lab.router.untilEnforced(0)
  assert.deepEqual(await histories(lab), before)
  await assertResetIsSeen(lab, before)
  t.diagnostic(`${rules.length} rules; ${before.join('; ')}`)
})

/** One of each match: two rules with the same one replace one another in BGP. */
function distilledRules(): Rule[] {
  const rules = new Map<string, Rule>()
  for (const input of fc.sample(anyInput, { numRuns: INPUTS, seed: SEED })) {
    const distilled = distill(input)
    if (distilled.kind !== 'rules') continue
    for (const { rule } of distilled.rules) rules.set(matchKey(rule), rule)
  }
  const found = [...rules.values()]
  const of = (family: 4 | 6) => found.filter(rule => rule.family === family).length
  assert.ok(of(4) + of(6) > RULES_MIN && of(4) > RULES_MIN / 4 && of(6) > RULES_MIN / 4)
  return found
}

/** Our enforcer in the namespace of its gobgpd. */
function enforcerIn(t: TestContext, { lab }: FlowLab) {
  const program = new URL('./gobgp-program.ts', import.meta.url).pathname
  const child = lab.spawn('detector', [process.execPath, program], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  return async (verb: string, mitigations: readonly Mitigation[]): Promise<unknown> => {
    child.stdin?.write(`${verb} ${JSON.stringify(mitigations)}\n`)
    return JSON.parse(String((await lines.next()).value)) as unknown
  }
}

/** From both ends of each session. */
const histories = async ({ lab, bird, frr }: FlowLab): Promise<string[]> => [
  ...(await sessionHistory(lab, 'detector')),
  ...(await sessionHistory(lab, 'router')),
  `BIRD: ${await bird.history()}`,
  `FRR: ${await frr.history()}`,
]

const frrFlows = async ({ frr }: FlowLab) => [...(await frr.flowsRead(4)), ...(await frr.flowsRead(6))]

async function untilCounts(lab: FlowLab, wanted: number): Promise<void> {
  await until(async () => {
    const counts = {
      gobgp: (await lab.router.listing()).rules.length,
      bird: (await lab.bird.count('flow4tab')) + (await lab.bird.count('flow6tab')),
      frr: (await frrFlows(lab)).length,
    }
    return Object.values(counts).every(count => count === wanted) || `${JSON.stringify(counts)} of ${wanted}`
  })
}

/** Each in its own words, read back. */
async function assertTables(lab: FlowLab, rules: readonly Rule[]): Promise<void> {
  const meant = (told: (rule: Rule) => string) => rules.map(told).sort()
  const { rules: inGobgp, problems } = await lab.router.listing()
  const inBird = await lab.bird.flows()
  const inFrr = await frrFlows(lab)

  assert.deepEqual(problems, [])
  assert.deepEqual(inGobgp.map(ruleKey).sort(), meant(ruleKey))
  assert.deepEqual(
    inBird.map(({ flow, communities }) => `${matchKey(flowOfBird(flow))} ${communities}`).sort(),
    meant(rule => `${matchKey(rule)} ${communitiesOfBird(rule.actions)}`),
  )
  assert.deepEqual(
    inFrr.map(({ flow, communities }) => `${matchKey(flow)} ${communities}`).sort(),
    meant(rule => `${matchKey(rule)} ${rule.actions.map(communityOfFrr).join(' ')}`),
  )
}

/** FRR reads at most five tests in a component: with a sixth the session is reset, and we would have seen it. */
async function assertResetIsSeen(lab: FlowLab, before: readonly string[]): Promise<void> {
  await lab.announcer.announce([`destination ${VICTIM.ipv4}/32 port =1,=3,=5,=7,=9,=11 then discard`])
  await until(async () => (await lab.frr.history()) === '1 up, 1 down' || 'FRR has not reset its session')
  const now = await histories(lab)
  assert.ok(now.filter((line, at) => line !== before[at]).length >= 2, 'from both ends')
}
