// Tokens: what programs present instead of a password.

import { z } from 'zod'
import { accessName, customersInput, networksInput, networksSchema, roleSchema } from './users.ts'
import { moment, when } from './values.ts'

export const tokenSchema = z.object({
  id: z.string().describe('The part of the token between its underscores.'),
  name: z.string(),
  role: roleSchema,
  customers: z.array(z.string()).optional().describe('Missing: not confined to customers.'),
  networks: networksSchema,
  createdAt: moment,
  createdBy: z.string().describe('As the audit calls whoever added it.'),
  expiresAt: moment.optional().describe('Missing: it holds until it is revoked.'),
  lastUsedAt: moment.optional().describe('To within some minutes.'),
})

export const tokensSchema = z.object({ tokens: z.array(tokenSchema).describe('By name.') })
export const newTokenSchema = tokenSchema.extend({
  token: z.string().describe('Shown this once; only its hash is kept.'),
})
export const tokenInput = z.strictObject({
  name: accessName,
  role: roleSchema,
  customers: customersInput.optional(),
  networks: networksInput.optional(),
  expiresAt: when.optional().describe('When it ends.'),
})
export const tokenIdInput = z.strictObject({ id: accessName.describe('Id or name of a token.') })

export type TokenView = z.infer<typeof tokenSchema>
export type NewToken = z.infer<typeof newTokenSchema>
export type TokenRequest = z.infer<typeof tokenInput>
