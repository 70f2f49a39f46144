// Fields that settings of services have in common, and the check that each has its own. A secret never stands in the
// configuration, only where it is read.

import { z } from 'zod'

const HEADERS_MAX = 64
const REFERENCE = 'expected {file: PATH} or {env: NAME}, where the secret is read'

export const referenceSchema = z
  .strictObject(
    {
      file: z
        .string()
        .startsWith('/', { error: 'expected an absolute path' })
        .meta({ title: 'an absolute path' })
        .optional()
        .describe('The file it is in. Read at the start and with each reload.')
        .meta({ examples: ['/etc/floodwarden/slack-url'] }),
      key: z
        .array(z.union([z.string(), z.number()]))
        .min(1)
        .max(16)
        .optional()
        .describe('Where in the file, when that is YAML: names of keys and places in lists, from 0.')
        .meta({ examples: [['destinations', 0, 'webhook_url']] }),
      env: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .describe('The environment variable it is in.')
        .meta({ examples: ['SLACK_URL'] }),
    },
    { error: issue => (issue.code === 'invalid_type' ? REFERENCE : undefined) },
  )
  .refine(({ file, key, env }) => (file === undefined) !== (env === undefined) && !(env && key), {
    error: REFERENCE,
  })

export type SecretReference = z.output<typeof referenceSchema>

export const secret = (what: string) => referenceSchema.optional().describe(what)

const text = (characters: number) => (what: string, example: string) =>
  z
    .string()
    .min(1)
    .max(characters)
    .optional()
    .describe(what)
    .meta({ examples: [example] })

/** A channel, a chat. */
export const name = text(1024)
/** Of a server that is not the usual one. */
export const address = text(8192)

export const region = (what: string) =>
  z
    .enum(['us', 'eu'])
    .optional()
    .describe(what)
    .meta({ examples: ['eu'] })

export const headers = (what: string) =>
  z
    .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/), referenceSchema)
    .refine(all => Object.keys(all).length <= HEADERS_MAX, {
      error: `expected at most ${HEADERS_MAX} headers`,
    })
    .optional()
    .describe(what)
    .meta({ examples: [{ Authorization: { env: 'ALERTS_AUTHORIZATION' } }] })

/** What services of one type need and what they may have. */
export interface OwnFields {
  readonly needs: readonly string[]
  readonly may: readonly string[]
}

/** Tells `wrong` of each field that is missing and of each that belongs to others; `common`: what all of them may have. */
export function checkFields(
  destination: { readonly type: string },
  { needs, may }: OwnFields,
  common: readonly string[],
  wrong: (field: string, message: string) => void,
): void {
  const own = [...common, ...needs, ...may]
  for (const field of needs)
    if (Reflect.get(destination, field) === undefined) wrong(field, `expected one for ${destination.type}`)
  for (const [field, value] of Object.entries(destination))
    if (value !== undefined && !own.includes(field)) wrong(field, `expected none for ${destination.type}`)
}
