// How much of a thing to try: little in every check, all of it in `npm run test:long`.

const long = process.env.MUSTER_LONG === '1';

/** The count for this run, told on standard output in the long one, so that its report says what was tried. */
export function howMany(what: string, short: number, full: number): number {
  if (long) console.log(`LONG: ${full} ${what}`);
  return long ? full : short;
}
