// Why DDPS's API says no: a status and one line of text.

export class Refusal extends Error {
  readonly statusCode: number
  readonly retryAfterSeconds: number | undefined

  constructor(statusCode: number, text: string, retryAfterSeconds?: number) {
    super(text)
    this.statusCode = statusCode
    this.retryAfterSeconds = retryAfterSeconds
  }
}
