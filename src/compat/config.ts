// Settings of the interfaces of other programs that are offered here.

import { z } from 'zod'
import { ddpsApiSchema } from './ddps/api/config.ts'
import { fastnetmonApiSchema } from './fastnetmon/api/config.ts'

export const compatibilitySchema = z
  .strictObject({
    fastnetmonApi: fastnetmonApiSchema.prefault({}),
    ddpsApi: ddpsApiSchema.prefault({}),
  })
  .describe('Interfaces of other programs, for clients that know only those.')
