// What the API says when a rule by a person is not made or changed.

import type { ApiError } from './errors.ts'

export const RULE_ERRORS = [
  {
    code: 'unknown-rule',
    status: 404,
    what: 'No rule of this identifier is known.',
    means: 'It never was, or it ended so long ago that it is no longer kept.',
    do: 'List those that are known: floodwarden rule list --all.',
  },
  {
    code: 'duplicate-rule',
    status: 409,
    what: 'A live rule matches the same traffic.',
    means: 'Nothing was made: of two such rules routers hold only one.',
    do: 'Extend the one that the detail names, or withdraw it first; ifExists: extend does the first by itself.',
  },
  {
    code: 'too-many-rules',
    status: 409,
    what: 'As many rules are live as can be.',
    means: 'Nothing was made; live rules go on.',
    do: 'Withdraw rules that are no longer needed.',
  },
  {
    code: 'customer-active-rules',
    status: 409,
    what: 'The customer has as many live rules as he may.',
    means: 'Nothing was made; live rules go on.',
    do: 'Withdraw rules that are no longer needed, or raise rules.activeMax of the customer in the inventory.',
  },
  {
    code: 'rule-over',
    status: 409,
    what: 'The rule is over.',
    means: 'Nothing was changed.',
    do: 'Make it anew.',
  },
  {
    code: 'rule-not-failed',
    status: 409,
    what: 'The rule has not failed.',
    means: 'Nothing was changed.',
    do: 'Only rules that failed or were refused, and whose end is to come, are tried again.',
  },
  {
    code: 'lasts-too-long',
    status: 422,
    what: 'Start and end are not within the bounds.',
    means: 'Nothing was made or changed.',
    do: 'Choose an end within policy.bounds.ttlSeconds and mitigation.maximumSeconds; extend it later when it is still needed.',
  },
  {
    code: 'customer-new-rules',
    status: 429,
    what: 'The customer made as many rules within a minute as he may.',
    means: 'Nothing was made; live rules go on.',
    do: 'Wait a minute, or raise rules.newPerMinute of the customer in the inventory.',
  },
] as const satisfies readonly ApiError[]
