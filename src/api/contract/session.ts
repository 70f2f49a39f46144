// Logging in and out, and who one is.

import { z } from 'zod'
import { networksSchema, PASSWORD_CHARACTERS, roleSchema } from './users.ts'
import { moment } from './values.ts'

export const loginInput = z.strictObject({
  // Whatever is no name of a user is answered like a wrong password.
  name: z.string().min(1).max(64),
  password: z.string().min(1).max(PASSWORD_CHARACTERS.most),
})

export const meSchema = z.object({
  kind: z
    .enum(['socket', 'user', 'token', 'certificate', 'open'])
    .describe(
      'How it is known who asks: the control socket, a session, a token, a certificate, or not at all.',
    ),
  name: z.string().describe('Of the user, token or certificate; empty for the control socket.'),
  role: roleSchema,
  customers: z.array(z.string()).optional().describe('Missing: not confined to customers.'),
  networks: networksSchema,
  csrfToken: z
    .string()
    .optional()
    .describe('Of a session: to be sent as X-CSRF-Token with each POST, PUT, PATCH and DELETE.'),
  endsAt: moment.optional().describe('When the session ends at the latest.'),
})
export const loggedOutSchema = z.object({ ended: z.boolean().describe('False: there was no session.') })

export type LoginRequest = z.infer<typeof loginInput>
export type Me = z.infer<typeof meSchema>
