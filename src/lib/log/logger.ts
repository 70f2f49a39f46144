// What a part of the program needs to say something: a message that never changes, and facts beside it.

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LEVELS)[number]

export type Facts = Readonly<Record<string, unknown>>

export interface Logger {
  debug(message: string, facts?: Facts): void
  info(message: string, facts?: Facts): void
  warn(message: string, facts?: Facts): void
  error(message: string, facts?: Facts): void
}

/** Says nothing: for tests and for parts whose words nobody wants. */
export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} }
