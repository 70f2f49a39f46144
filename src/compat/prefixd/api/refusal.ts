// Why prefixd's API says no: a status, a text as prefixd has it, and more keys where they help.

export class Refusal extends Error {
  readonly statusCode: number
  readonly more: Readonly<Record<string, unknown>>

  constructor(statusCode: number, text: string, more: Readonly<Record<string, unknown>> = {}) {
    super(text)
    this.statusCode = statusCode
    this.more = more
  }
}

/** 400: what was sent can be read, and means nothing. */
export const invalid = (detail: string): Refusal => new Refusal(400, `invalid request: ${detail}`)

export const notFound = (what: string): Refusal => new Refusal(404, `not found: ${what}`)
