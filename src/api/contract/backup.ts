// A backup is no JSON: the archive itself comes as the body of the answer.

export const BACKUP = {
  method: 'POST',
  path: '/api/v1/backup',
  type: 'application/gzip',
} as const
