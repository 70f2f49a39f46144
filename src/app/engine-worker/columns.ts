// How many numbers a series of traffic has at one moment: packets, bits and flows per second, of two directions.

export const COLUMNS = 6
