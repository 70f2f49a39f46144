// Routes of rules by people, of blackholes, and the one that takes everything back.

import { get, type Route, write } from './route.ts'
import { rulePreviewInput, rulePreviewSchema } from './rule-preview.ts'
import { packInput, packMadeSchema, templateInput, templatesSchema } from './rule-templates.ts'
import {
  blackholeEndInput,
  blackholeInput,
  panicInput,
  panicSchema,
  ruleExtendInput,
  ruleInput,
  ruleMadeSchema,
  ruleSchema,
  ruleShowInput,
  rulesInput,
  rulesSchema,
  ruleWithdrawInput,
  ruleWithdrawnSchema,
} from './rules.ts'
import { nothing } from './values.ts'

export const RULE_ROUTES = {
  rules: get('/rules', 'Rules and blackholes that people made.', rulesInput, rulesSchema),
  rule: get('/rules/:id', 'One rule by a person.', ruleShowInput, ruleSchema),
  addRule: write(
    'POST',
    '/rules',
    'Makes a FlowSpec rule, for a while and with a reason.',
    ruleInput,
    ruleMadeSchema,
    201,
  ),
  previewRule: write(
    'POST',
    '/rules/preview',
    'What a rule would match, of the last minute of samples, and what would refuse it. Nothing is made.',
    rulePreviewInput,
    rulePreviewSchema,
  ),
  templates: get(
    '/rules/templates',
    'Rules that people need often, by what a server is for.',
    nothing,
    templatesSchema,
  ),
  applyTemplate: write(
    'POST',
    '/rules/templates/:name',
    'Makes the rules of a template for a server.',
    templateInput,
    packMadeSchema,
    201,
  ),
  applyPack: write(
    'POST',
    '/rules/default-pack',
    'Makes the rules of the default pack for our networks; without an end they go on until somebody withdraws them.',
    packInput,
    packMadeSchema,
    201,
  ),
  extendRule: write('POST', '/rules/:id/extend', 'Gives a rule another end.', ruleExtendInput, ruleSchema),
  withdrawRule: write(
    'POST',
    '/rules/:id/withdraw',
    'Takes a rule back.',
    ruleWithdrawInput,
    ruleWithdrawnSchema,
  ),
  retryRule: write(
    'POST',
    '/rules/:id/retry',
    'Has a rule that failed or was refused announced once more.',
    ruleShowInput,
    ruleSchema,
  ),
  addBlackhole: write(
    'POST',
    '/blackholes',
    'Blackholes an address or prefix of ours, for a while and with a reason.',
    blackholeInput,
    ruleMadeSchema,
    201,
  ),
  endBlackhole: write(
    'DELETE',
    '/blackholes/:prefix',
    'Ends a blackhole.',
    blackholeEndInput,
    ruleWithdrawnSchema,
  ),
  panic: write(
    'POST',
    '/panic',
    'Takes back all that is done, and has nothing announced until it is armed again.',
    panicInput,
    panicSchema,
  ),
} as const satisfies Record<string, Route>
