// What the API says when protection is not switched, or a source is not blocked.

import type { ApiError } from './errors.ts'

export const PROTECTION_ERRORS = [
  {
    code: 'unknown-profile',
    status: 404,
    what: 'No protection profile has this id.',
    means: 'Nothing was done.',
    do: 'List those of the configuration: floodwarden protect list.',
  },
  {
    code: 'unknown-incident',
    status: 404,
    what: 'No incident of this identifier is known.',
    means: 'It never was, or it is so long ago that it is no longer kept.',
    do: 'List those that are known: GET /api/v1/protection/incidents.',
  },
  {
    code: 'no-countermeasure',
    status: 409,
    what: 'The profile does not have this countermeasure.',
    means: 'Nothing was done.',
    do: 'Write it into the profile, with its parameters, and reload the configuration.',
  },
  {
    code: 'protection-full',
    status: 409,
    what: 'There is no room for more.',
    means: 'Nothing was done; what is there goes on.',
    do: 'Take back what is no longer needed; the detail says of what there is too much.',
  },
  {
    code: 'protection-not-clean',
    status: 409,
    what: 'Somebody has switched profiles since the backup was made.',
    means: 'Nothing was put back.',
    do: 'Send replaces: true, or floodwarden protect restore --replace, to have the backup win.',
  },
  {
    code: 'protection-not-possible',
    status: 409,
    what: 'Whoever carries the profile out cannot do this.',
    means: 'Nothing was done.',
    do: 'Read the detail; docs/operate/nftables.md and docs/operate/mitigator.md say what each can do.',
  },
  {
    code: 'bad-protection-backup',
    status: 422,
    what: 'The backup does not fit.',
    means: 'Nothing was put back.',
    do: 'Correct what the detail names: profiles must be in the configuration first.',
  },
  {
    code: 'protection-failed',
    status: 502,
    what: 'Whoever carries profiles out said no, or did not answer.',
    means: 'What is wanted is kept, and is tried until it is in place.',
    do: 'Read the detail, and look at floodwarden protect list: it says what is not in place.',
  },
] as const satisfies readonly ApiError[]
