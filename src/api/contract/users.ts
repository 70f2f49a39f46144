// Users: people who log in with a name and a password.

import { z } from 'zod'
import { formatPrefix, parsePrefix } from '#lib/ip/prefix.ts'
import { ROLES } from './access.ts'
import { moment, targetInput } from './values.ts'

const NAME = /^[A-Za-z0-9_.-]{1,64}$/
export const PASSWORD_CHARACTERS = { least: 8, most: 256 } as const

export const accessName = z
  .string()
  .regex(NAME, { error: 'expected 1 to 64 letters of ASCII, digits, dots, dashes and underscores' })
export const roleSchema = z
  .enum(ROLES)
  .describe(
    'viewer looks; operator also acts on attacks; admin also changes who may what and how it is decided.',
  )
export const customersInput = z
  .array(z.string().min(1).max(200))
  .min(1)
  .max(1000)
  .describe('Ids of the customers to which it is confined.')

export const networksInput = z
  .array(targetInput.transform(prefixText))
  .min(1)
  .max(1000)
  .describe('Prefixes to which it is confined; of customers too: to what lies within both.')
export const networksSchema = z
  .array(z.string())
  .optional()
  .describe('Prefixes to which it is confined. Missing: not confined to networks.')

/** With its length. */
function prefixText(text: string): string {
  const prefix = parsePrefix(text)
  return prefix === undefined ? text : formatPrefix(prefix)
}

const newPassword = z
  .string()
  .min(PASSWORD_CHARACTERS.least)
  .max(PASSWORD_CHARACTERS.most)
  .describe(`${PASSWORD_CHARACTERS.least} to ${PASSWORD_CHARACTERS.most} characters.`)

export const userSchema = z.object({
  id: z.string().describe('UUID.'),
  name: z.string(),
  role: roleSchema,
  customers: z.array(z.string()).optional().describe('Missing: not confined to customers.'),
  networks: networksSchema,
  disabled: z.boolean().describe('Cannot log in.'),
  createdAt: moment,
  createdBy: z.string().describe('As the audit calls whoever added it.'),
  lastLoginAt: moment.optional(),
})

export const usersSchema = z.object({ users: z.array(userSchema).describe('By name.') })
export const userInput = z.strictObject({
  name: accessName,
  password: newPassword,
  role: roleSchema,
  customers: customersInput.optional(),
  networks: networksInput.optional(),
})
export const userChangeInput = z.strictObject({
  name: accessName,
  role: roleSchema.optional(),
  customers: customersInput.nullable().optional().describe('Null: no longer confined.'),
  networks: networksInput.nullable().optional().describe('Null: no longer confined to networks.'),
  disabled: z.boolean().optional(),
})
export const userNameInput = z.strictObject({ name: accessName })
export const passwordInput = z.strictObject({
  name: accessName,
  present: z
    .string()
    .max(PASSWORD_CHARACTERS.most)
    .optional()
    .describe('The present password; needed by whoever changes his own.'),
  password: newPassword,
})

export type UserView = z.infer<typeof userSchema>
export type UserRequest = z.infer<typeof userInput>
export type UserChange = z.infer<typeof userChangeInput>
export type PasswordChange = z.infer<typeof passwordInput>
