// Command: announces FlowSpec rules by the gobgpd of this namespace, as lines of its input say; answers each with a line.
//
// A line is JSON: `{"verb": "announce", "rules": ["destination 192.0.2.1/32 then discard"]}`, or with `withdraw`.

import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { assert } from '#lib/assert.ts'
import { canonical } from '#lib/flowspec/canonical.ts'
import { parseRule } from '#lib/flowspec/parse.ts'
import type { Rule } from '#lib/flowspec/rule.ts'
import { problemsForGobgpd } from '#lib/flowspec/validate.ts'
import { GrpcClient } from '#lib/grpc/grpc-client.ts'
import { loadService, methodOf } from '#lib/grpc/proto-file.ts'
import { flowPathOf } from './flow-path.ts'
import { GOBGPD_API } from './speaker.ts'

const orderSchema = z.strictObject({ verb: z.enum(['announce', 'withdraw']), rules: z.array(z.string()) })
/** Rules in one message. */
const BATCH = 500

const service = loadService(join(import.meta.dirname, 'flow-paths.proto'), 'apipb.GobgpApi')
const method = methodOf(service, 'AddPathStream')
const client = new GrpcClient({
  address: GOBGPD_API,
  deadlineMs: 20_000,
  messageBytesMax: 1 << 20,
  streamMax: 1,
})

for await (const line of createInterface({ input: process.stdin })) {
  const { verb, rules } = orderSchema.parse(JSON.parse(line))
  const error = await tell(rules.map(ruleOf), verb === 'withdraw')
  process.stdout.write(`${JSON.stringify({ error: error ?? null })}\n`)
}
client.close()

async function tell(rules: readonly Rule[], isWithdrawal: boolean): Promise<string | undefined> {
  for (let at = 0; at < rules.length; at += BATCH) {
    const paths = rules.slice(at, at + BATCH).map(rule => flowPathOf(rule, isWithdrawal))
    const reply = await client.callStream(method, { table_type: 0, paths })
    if (reply.kind !== 'ok') return reply.error
  }
  return undefined
}

function ruleOf(text: string): Rule {
  const parsed = parseRule(text)
  assert(parsed.kind === 'parsed', `"${text}" is a rule`)
  const problems = problemsForGobgpd(parsed.value, { allowOffsets: false })
  assert(problems.length === 0, `gobgpd can take "${text}": ${problems.join('; ')}`)
  return canonical(parsed.value)
}
