// The course of an attack, and its packets as a capture.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { attackInput } from '../contract/attack.ts'
import { CAPTURE } from '../contract/capture.ts'
import { ROUTES } from '../contract/routes.ts'
import type { Caller } from '../control.ts'
import { problemOf } from '../errors.ts'
import type { CourseDesk } from '../resources.ts'
import { type Router, refuseInput, sendProblem } from '../route.ts'

export function addCourseRoutes(router: Router, desk: CourseDesk): void {
  router.add(ROUTES.course, async ({ id }, caller) => {
    const course = await desk.read(id, caller)
    return course === undefined ? { kind: 'refused', code: 'unknown-attack' } : { kind: 'ok', value: course }
  })
}

export function addCaptureRoute(
  server: FastifyInstance,
  desk: CourseDesk,
  callerOf: (request: FastifyRequest) => Caller,
): void {
  server.route({
    method: CAPTURE.method,
    url: CAPTURE.path,
    handler: async (request, reply) => {
      const input = attackInput.safeParse(request.params)
      if (!input.success) return refuseInput(reply, input.error)
      const done = await desk.capture(input.data.id, callerOf(request))
      if (done.kind === 'refused') return sendProblem(reply, problemOf(done.code, done.detail))
      const { bytes, name } = done.value
      // The name is that of an attack we know, so nothing of it needs quoting.
      reply
        .header('Content-Type', CAPTURE.type)
        .header('Content-Disposition', `attachment; filename="${name}"`)
      return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    },
  })
}
