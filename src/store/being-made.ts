// How files are called that are there only while a backup is made.

/** Begins their names in the state directory; what a kill left of them is removed by the next start. */
export const BEING_MADE = '.backup-being-made-'
