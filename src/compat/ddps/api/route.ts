// A route of DDPS's API: where it is, who may ask, and the function that answers.

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessRule } from '#api/contract/access.ts'

export interface DdpsRoute extends AccessRule {
  /** Gives the text of the answer, or of a list its rows. Refusals are thrown. */
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<string | readonly object[]>
}
