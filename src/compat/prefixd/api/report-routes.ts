// The report of an incident, for people, in Markdown.

import type { FastifyRequest } from 'fastify'
import type { AttackRecord } from '#7-mitigation/attack-record.ts'
import { readUuid } from '../ids.ts'
import { type Desks, lookUp, present } from './mitigation-routes.ts'
import { addressText, queryText } from './reading.ts'
import { invalid, notFound } from './refusal.ts'
import type { DialectRoute } from './route.ts'

const RECORDS_MAX = 50

export const reportRoutes = (desks: Desks): readonly DialectRoute[] => [
  {
    ...{ method: 'GET', path: '/v1/reports/incident', role: 'viewer', reach: 'customers', success: 200 },
    summary: 'What happened, in Markdown: of one mitigation, or of all of an address.',
    query: { mitigation_id: 'Of this one.', ip: 'Of all of this address. Exactly one of the two.' },
    handle: async (request, reply) => {
      const text = await incident(desks, request)
      return reply.header('content-type', 'text/markdown; charset=utf-8').send(text)
    },
  },
]

async function incident(desks: Desks, request: FastifyRequest): Promise<string> {
  const [id, ip] = [queryText(request, 'mitigation_id'), queryText(request, 'ip')]
  if ((id === undefined) === (ip === undefined)) throw invalid('expected exactly one of mitigation_id and ip')
  if (ip !== undefined) {
    const host = addressText(ip)
    if (host === undefined) throw invalid('invalid IP address')
    const page = { limit: RECORDS_MAX }
    const { items } = await desks.desk.mitigations.list(
      { host, hasMitigations: true },
      page,
      request.identity,
    )
    if (items.length === 0) throw notFound(`mitigations of ${host}`)
    return [`# Incidents of ${host}`, ...items.map(record => section(desks, record))].join('\n\n')
  }
  const uuid = readUuid(id ?? '')
  if (uuid === undefined) throw invalid('mitigation_id is no UUID')
  const record = await lookUp(desks, uuid, request)
  if (record === undefined) throw notFound(`mitigation ${uuid}`)
  return [`# Incident of ${record.attack.host}`, section(desks, record)].join('\n\n')
}

function section(desks: Desks, record: AttackRecord): string {
  const { attack, mitigations, decision } = record
  const told = present(desks, record)
  const rate = told.rate_bps === null ? '' : ` to ${told.rate_bps} bit/s`
  const facts = [
    ['Status', told.status],
    ['Vector', told.vector],
    ['Direction', told.direction],
    ['Customer', told.customer_id ?? 'unknown'],
    ['Service', told.service_id ?? 'unknown'],
    ['POP', told.pop],
    ['Began', told.created_at],
    ['Ended', told.withdrawn_at ?? 'goes on'],
    ['Peak', `${Math.round(attack.peak)} packets per second`],
    ['Action', `${told.action_type}${rate} on ${told.dst_prefix}`],
    ['Acknowledged', told.acknowledged_by ?? 'nobody'],
    ['Reason', told.reason],
    ['Decision', decision],
  ]
  const rows = facts.map(([name, value]) => `| ${name} | ${cell(String(value))} |`)
  const steps = mitigations.map(
    ({ createdAt, state, reason }) => `- ${new Date(createdAt).toISOString()} ${state}: ${cell(reason)}`,
  )
  return [
    `## ${told.mitigation_id}`,
    ['| | |', '|---|---|', ...rows].join('\n'),
    ...(steps.length === 0 ? [] : ['### What was done', steps.join('\n')]),
  ].join('\n\n')
}

/** What others wrote stays in its cell, and is text. */
const cell = (text: string): string => text.replace(/[\r\n]+/g, ' ').replace(/[\\|<>[\]`*_#]/g, '\\$&')
