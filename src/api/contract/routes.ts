// Every route of the API: where it is, what it takes, what it gives. Server and clients read the same table.

import { armInput, armingInput, armingSchema } from './arming.ts'
import { attackInput, attackReportSchema, attacksInput, attacksSchema } from './attack.ts'
import { auditInput, auditSchema, auditVerdictSchema } from './audit.ts'
import { banInput, banSchema, bansInput, bansSchema, unbanInput } from './ban.ts'
import { explainInput, explainSchema } from './explain.ts'
import { exportersInput, exportersSchema, interfacesInput, interfacesSchema } from './exporters.ts'
import { healthSchema } from './health.ts'
import { limitDecisionInput, limitDecisionSchema, limitsInput, limitsSchema } from './limits.ts'
import { NOTIFY_ROUTES } from './notify-routes.ts'
import { reloadSchema } from './reload.ts'
import { RESOURCE_ROUTES } from './resource-routes.ts'
import { get, type Route, write } from './route.ts'
import { loggedOutSchema, loginInput, meSchema } from './session.ts'
import { setupFactsSchema, setupInput, setupLinkInput, setupSchema, setupWrittenSchema } from './setup.ts'
import { simulateInput, simulationSchema } from './simulate.ts'
import { statusSchema } from './status.ts'
import { newTokenSchema, tokenIdInput, tokenInput, tokenSchema, tokensSchema } from './tokens.ts'
import { trafficInput, trafficSchema } from './traffic.ts'
import { passwordInput, userChangeInput, userInput, userNameInput, userSchema, usersSchema } from './users.ts'
import { nothing } from './values.ts'

export const ROUTES = {
  ...RESOURCE_ROUTES,
  ...NOTIFY_ROUTES,
  status: get('/status', 'What the daemon is, what it does and how it fares.', nothing, statusSchema),
  health: get('/health', 'Whether the daemon does its work; 503 when it does not.', nothing, healthSchema),
  traffic: get('/traffic', 'What the traffic screen shows.', trafficInput, trafficSchema),
  attacks: get('/attacks', 'Open attacks and those that ended recently.', attacksInput, attacksSchema),
  attack: get('/attacks/:id', 'The report of one attack.', attackInput, attackReportSchema),
  explain: get(
    '/explain/:subject',
    'Why a host is under attack, or why it is not.',
    explainInput,
    explainSchema,
  ),
  bans: get('/bans', 'Hosts under a ban.', bansInput, bansSchema),
  ban: write('POST', '/bans', 'Bans a host.', banInput, banSchema, 201),
  unban: write('DELETE', '/bans/:host', 'Ends the ban of a host.', unbanInput, banSchema),
  reload: write(
    'POST',
    '/reload',
    'Reads the configuration again; a file with an error is refused whole.',
    nothing,
    reloadSchema,
  ),
  simulate: write(
    'POST',
    '/simulate',
    'What would be decided about an attack, past or made up. Nothing is touched.',
    simulateInput,
    simulationSchema,
  ),
  arming: get(
    '/arming',
    'Whether decisions are carried out, and what would change if it were switched.',
    armingInput,
    armingSchema,
  ),
  arm: write(
    'POST',
    '/arming',
    'Arms or disarms; disarming takes back all that is done.',
    armInput,
    armingSchema,
  ),
  limits: get('/limits', 'Limits learned from calm traffic.', limitsInput, limitsSchema),
  decideLimits: write(
    'POST',
    '/limits',
    'Accepts or rejects learned limits.',
    limitDecisionInput,
    limitDecisionSchema,
  ),
  exporters: get('/exporters', 'Who sends flow telemetry.', exportersInput, exportersSchema),
  interfaces: get(
    '/exporters/:address/interfaces',
    'Interfaces of an exporter: what its records tell of them, and what it counts itself.',
    interfacesInput,
    interfacesSchema,
  ),
  audit: get('/audit', 'Who did what, when and why.', auditInput, auditSchema),
  verifyAudit: get('/audit/verify', 'Whether the audit is what was written.', nothing, auditVerdictSchema),
  logIn: write(
    'POST',
    '/session',
    'Begins a session of a user: it comes as a cookie.',
    loginInput,
    meSchema,
    201,
  ),
  logOut: write('DELETE', '/session', 'Ends the session.', nothing, loggedOutSchema),
  me: get('/session', 'Who asks, and what he may.', nothing, meSchema),
  setup: get('/setup', 'Whether the set-up link waits to be used.', nothing, setupSchema),
  useSetupLink: write(
    'POST',
    '/setup',
    'Makes the first admin by the set-up link, and begins his session: it comes as a cookie.',
    setupLinkInput,
    meSchema,
    201,
  ),
  setupFacts: get(
    '/setup/configuration',
    'What the first run begins with: what is watched, and what this machine has.',
    nothing,
    setupFactsSchema,
  ),
  configure: write(
    'PUT',
    '/setup/configuration',
    'Writes networks, feed and limits into the configuration file and reloads it.',
    setupInput,
    setupWrittenSchema,
  ),
  users: get('/users', 'People who may log in.', nothing, usersSchema),
  addUser: write('POST', '/users', 'Adds a user.', userInput, userSchema, 201),
  changeUser: write(
    'PATCH',
    '/users/:name',
    'Changes the role or customers of a user, or keeps him from logging in.',
    userChangeInput,
    userSchema,
  ),
  removeUser: write(
    'DELETE',
    '/users/:name',
    'Removes a user and ends his sessions.',
    userNameInput,
    userSchema,
  ),
  setPassword: write(
    'PUT',
    '/users/:name/password',
    'Sets a password and ends the sessions of its user.',
    passwordInput,
    userSchema,
  ),
  tokens: get('/tokens', 'Tokens of programs, without their secrets.', nothing, tokensSchema),
  addToken: write(
    'POST',
    '/tokens',
    'Makes a token; it is shown this once.',
    tokenInput,
    newTokenSchema,
    201,
  ),
  revokeToken: write('DELETE', '/tokens/:id', 'Revokes a token.', tokenIdInput, tokenSchema),
} as const satisfies Record<string, Route>
