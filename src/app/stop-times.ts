// How long each part of the daemon may take to end, in milliseconds.

export const STOP_MS = {
  /** Scripts get so long to end. */
  scripts: 3000,
  /** What routers are still to be told gets so long; what is left is told by the next start. */
  announcers: 2000,
  /** And the disk so long to hear of it. */
  state: 1000,
  /** Files and mails get so long to be written. */
  papers: 1000,
  /** Keys for Redis get so long to be written. */
  exports: 500,
} as const
