// Every route of the API: where it is, what it takes, what it gives. Server and clients read the same table.

import type { z } from 'zod'
import { armInput, armingInput, armingSchema } from './arming.ts'
import { attackInput, attackReportSchema, attacksInput, attacksSchema } from './attack.ts'
import { auditInput, auditSchema, auditVerdictSchema } from './audit.ts'
import { banInput, banSchema, bansInput, bansSchema, unbanInput } from './ban.ts'
import { explainInput, explainSchema } from './explain.ts'
import { exportersInput, exportersSchema } from './exporters.ts'
import { healthSchema } from './health.ts'
import { limitDecisionInput, limitDecisionSchema, limitsInput, limitsSchema } from './limits.ts'
import { reloadSchema } from './reload.ts'
import { RESOURCE_ROUTES } from './resource-routes.ts'
import { loggedOutSchema, loginInput, meSchema } from './session.ts'
import { simulateInput, simulationSchema } from './simulate.ts'
import { statusSchema } from './status.ts'
import { newTokenSchema, tokenIdInput, tokenInput, tokenSchema, tokensSchema } from './tokens.ts'
import { trafficInput, trafficSchema } from './traffic.ts'
import { passwordInput, userChangeInput, userInput, userNameInput, userSchema, usersSchema } from './users.ts'
import { nothing } from './values.ts'

/**
 * `input` is one flat object: fields named in the path travel there, the others in the query (GET, DELETE) or in a
 * JSON body (POST, PUT, PATCH). `output` is the JSON body of a success.
 */
export interface Route<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Parameters as `:name`. */
  readonly path: string
  readonly summary: string
  readonly success: 200 | 201 | 202
  readonly input: Input
  readonly output: Output
}

/** Whether what is not in the path of a request is in its body. */
export const takesBody = (method: string): boolean =>
  method === 'POST' || method === 'PUT' || method === 'PATCH'

export const ROUTES = {
  ...RESOURCE_ROUTES,
  status: get('/api/v1/status', 'What the daemon is, what it does and how it fares.', nothing, statusSchema),
  health: get(
    '/api/v1/health',
    'Whether the daemon does its work; 503 when it does not.',
    nothing,
    healthSchema,
  ),
  traffic: get('/api/v1/traffic', 'What the traffic screen shows.', trafficInput, trafficSchema),
  attacks: get('/api/v1/attacks', 'Open attacks and those that ended recently.', attacksInput, attacksSchema),
  attack: get('/api/v1/attacks/:id', 'The report of one attack.', attackInput, attackReportSchema),
  explain: get(
    '/api/v1/explain/:subject',
    'Why a host is under attack, or why it is not.',
    explainInput,
    explainSchema,
  ),
  bans: get('/api/v1/bans', 'Hosts under a ban.', bansInput, bansSchema),
  ban: {
    method: 'POST',
    path: '/api/v1/bans',
    summary: 'Bans a host.',
    success: 201,
    input: banInput,
    output: banSchema,
  },
  unban: {
    method: 'DELETE',
    path: '/api/v1/bans/:host',
    summary: 'Ends the ban of a host.',
    success: 200,
    input: unbanInput,
    output: banSchema,
  },
  reload: {
    method: 'POST',
    path: '/api/v1/reload',
    summary: 'Reads the configuration again; a file with an error is refused whole.',
    success: 200,
    input: nothing,
    output: reloadSchema,
  },
  simulate: {
    method: 'POST',
    path: '/api/v1/simulate',
    summary: 'What would be decided about an attack, past or made up. Nothing is touched.',
    success: 200,
    input: simulateInput,
    output: simulationSchema,
  },
  arming: get(
    '/api/v1/arming',
    'Whether decisions are carried out, and what would change if it were switched.',
    armingInput,
    armingSchema,
  ),
  arm: {
    method: 'POST',
    path: '/api/v1/arming',
    summary: 'Arms or disarms; disarming takes back all that is done.',
    success: 200,
    input: armInput,
    output: armingSchema,
  },
  limits: get('/api/v1/limits', 'Limits learned from calm traffic.', limitsInput, limitsSchema),
  decideLimits: {
    method: 'POST',
    path: '/api/v1/limits',
    summary: 'Accepts or rejects learned limits.',
    success: 200,
    input: limitDecisionInput,
    output: limitDecisionSchema,
  },
  exporters: get('/api/v1/exporters', 'Who sends flow telemetry.', exportersInput, exportersSchema),
  audit: get('/api/v1/audit', 'Who did what, when and why.', auditInput, auditSchema),
  verifyAudit: get(
    '/api/v1/audit/verify',
    'Whether the audit is what was written.',
    nothing,
    auditVerdictSchema,
  ),
  logIn: {
    method: 'POST',
    path: '/api/v1/session',
    summary: 'Begins a session of a user: it comes as a cookie.',
    success: 201,
    input: loginInput,
    output: meSchema,
  },
  logOut: {
    method: 'DELETE',
    path: '/api/v1/session',
    summary: 'Ends the session.',
    success: 200,
    input: nothing,
    output: loggedOutSchema,
  },
  me: get('/api/v1/session', 'Who asks, and what he may.', nothing, meSchema),
  users: get('/api/v1/users', 'People who may log in.', nothing, usersSchema),
  addUser: {
    method: 'POST',
    path: '/api/v1/users',
    summary: 'Adds a user.',
    success: 201,
    input: userInput,
    output: userSchema,
  },
  changeUser: {
    method: 'PATCH',
    path: '/api/v1/users/:name',
    summary: 'Changes the role or customers of a user, or keeps him from logging in.',
    success: 200,
    input: userChangeInput,
    output: userSchema,
  },
  removeUser: {
    method: 'DELETE',
    path: '/api/v1/users/:name',
    summary: 'Removes a user and ends his sessions.',
    success: 200,
    input: userNameInput,
    output: userSchema,
  },
  setPassword: {
    method: 'PUT',
    path: '/api/v1/users/:name/password',
    summary: 'Sets a password and ends the sessions of its user.',
    success: 200,
    input: passwordInput,
    output: userSchema,
  },
  tokens: get('/api/v1/tokens', 'Tokens of programs, without their secrets.', nothing, tokensSchema),
  addToken: {
    method: 'POST',
    path: '/api/v1/tokens',
    summary: 'Makes a token; it is shown this once.',
    success: 201,
    input: tokenInput,
    output: newTokenSchema,
  },
  revokeToken: {
    method: 'DELETE',
    path: '/api/v1/tokens/:id',
    summary: 'Revokes a token.',
    success: 200,
    input: tokenIdInput,
    output: tokenSchema,
  },
} as const satisfies Record<string, Route>

function get<Input extends z.ZodType, Output extends z.ZodType>(
  path: string,
  summary: string,
  input: Input,
  output: Output,
): Route<Input, Output> {
  return { method: 'GET', path, summary, success: 200, input, output }
}
