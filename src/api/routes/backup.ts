// The backup: an archive made now, sent as it is, and gone afterwards.

import { createReadStream, rmSync } from 'node:fs'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { BACKUP } from '../contract/backup.ts'
import type { Caller, Control } from '../control.ts'
import { problemOf } from '../errors.ts'
import { sendProblem } from '../route.ts'

export function addBackupRoute(
  server: FastifyInstance,
  control: Control,
  callerOf: (request: FastifyRequest) => Caller,
): void {
  server.route({
    method: BACKUP.method,
    url: BACKUP.path,
    handler: async (request, reply) => {
      const done = await control.backUp(callerOf(request))
      if (done.kind === 'refused') return sendProblem(reply, problemOf(done.code, done.detail))
      const { file } = done.value
      const stream = createReadStream(file)
      // Once it is open nobody needs its name any more.
      stream.on('ready', () => rmSync(file, { force: true }))
      stream.on('error', () => rmSync(file, { force: true }))
      return reply.header('Content-Type', BACKUP.type).send(stream)
    },
  })
}
