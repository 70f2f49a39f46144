// Sections of the configuration file, and the settings in force.

import type { FastifyReply } from 'fastify'
import { ROUTES } from '../contract/routes.ts'
import type { SectionName } from '../contract/sections.ts'
import type { Caller } from '../control.ts'
import type { SectionDesk } from '../resources.ts'
import type { Router } from '../route.ts'
import { answerOf } from './answer-of.ts'

/** Which routes read and write which section. */
const PLACES = [
  ['inventory', ROUTES.inventory, [ROUTES.replaceInventory, ROUTES.changeInventory]],
  ['playbooks', ROUTES.playbooks, [ROUTES.replacePlaybooks, ROUTES.changePlaybooks]],
  ['hostgroups', ROUTES.hostgroups, [ROUTES.replaceHostgroups, ROUTES.changeHostgroups]],
  ['safelist', ROUTES.configuredSafelist, [ROUTES.replaceSafelist, ROUTES.changeSafelist]],
] as const satisfies readonly (readonly [SectionName, ...unknown[]])[]

export function addSectionRoutes(router: Router, desk: SectionDesk): void {
  router.add(ROUTES.configuration, () => ({ kind: 'ok', value: desk.configuration() }))
  router.add(ROUTES.checkSection, asked => answerOf(desk.check(asked)))
  router.add(ROUTES.sectionHistory, query => ({ kind: 'ok', value: desk.history(query) }))
  router.add(ROUTES.sectionVersion, ({ id }) => {
    const value = desk.version(id)
    return value === undefined ? { kind: 'refused', code: 'unknown-version' } : { kind: 'ok', value }
  })
  for (const [section, read, [replace, change]] of PLACES) {
    router.add(read, (_, _caller, reply) => {
      const done = desk.read(section)
      if (done.kind === 'done') tag(reply, done.value.etag)
      return answerOf(done)
    })
    const write = async (wanted: Change, caller: Caller, reply: FastifyReply) => {
      const done = await desk.write(section, wanted, reply.request.headers['if-match'], caller)
      if (done.kind === 'done') tag(reply, done.value.etag)
      return answerOf(done)
    }
    router.add(replace, write)
    router.add(change, write)
  }
}

type Change = Parameters<SectionDesk['write']>[1]

/** Others may have written meanwhile: nobody is to keep it. */
function tag(reply: FastifyReply, etag: string): void {
  reply.header('ETag', etag)
  reply.header('Cache-Control', 'no-cache')
}
