// muster://run/<id>: the only thing a link from outside may say. Pure.

const RUN = /^muster:\/\/run\/([0-9a-f]{4,32})\/?$/;

/** The run a link names; undefined for anything else. */
export const runOfLink = (link: string): string | undefined => RUN.exec(link)?.[1];

/** The first such link among the arguments of a start. */
export const runOfArguments = (argv: readonly string[]): string | undefined =>
  argv.map(runOfLink).find((run) => run !== undefined);
