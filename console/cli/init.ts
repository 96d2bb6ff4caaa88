// `muster init`: a new fleet on this machine.
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { z } from 'zod';
import { parseBrokerAddress } from '#console/setup/broker-address.ts';
import { ENROLLER } from '#console/setup/first-trust.ts';
import { type Initialised, initHome } from '#console/setup/init.ts';
import { idSchema } from '#shared/ids.ts';
import { systemClock } from '#shared/node/system-clock.ts';
import { err, ok, type Result } from '#shared/result.ts';
import { ROOT_OWNER } from '#shared/trust/enrolment.ts';
import { PASSPHRASE_HELP, PASSPHRASE_OPTION, readPassphrase } from './passphrase.ts';
import { type Answer, act, verbCommand } from './verb.ts';

const optionsSchema = z.object({
  fleet: idSchema,
  broker: z.string(),
  person: idSchema.optional(),
  passphraseFile: z.string().optional(),
});

const RESERVED: readonly string[] = [ENROLLER, ROOT_OWNER];

/** Refuses a home that is there; makes all of it or nothing. */
export function initCommand(): Command {
  const command = verbCommand(
    'init',
    "Make a fleet: its keys, its first trust document, the console's home.",
    [
      'init --fleet shops',
      'init --home /srv/muster --fleet shops --person ada --passphrase-file /root/passphrase',
      'init --fleet shops --broker mqtts://broker.example:8883',
    ],
  )
    .option('--fleet <name>', 'name of the fleet', 'fleet')
    .option('--broker <address>', 'embedded, embedded:PORT, or a URL', 'embedded')
    .option('--person <name>', 'your name in the trust document (else that of your account)')
    .option(PASSPHRASE_OPTION, PASSPHRASE_HELP);
  return act(command, optionsSchema, async ({ home }, options) => {
    const person = options.person ?? accountName();
    if (RESERVED.includes(person)) {
      return err('USAGE', `--person: ${person} is a name Muster uses itself`);
    }
    const broker = parseBrokerAddress(options.broker);
    if (!broker.ok) return broker;
    const passphrase = await readPassphrase(options.passphraseFile, 'New passphrase', true);
    if (!passphrase.ok) return passphrase;
    return answerOf(
      await initHome({
        home,
        fleet: options.fleet,
        person,
        broker: broker.value,
        passphrase: passphrase.value,
        clock: systemClock,
      }),
      broker.value.embedded,
    );
  });
}

/** The account's name as an id; `operator` where it is none, or one that Muster uses itself. */
function accountName(): string {
  const name = idSchema.safeParse(
    userInfo()
      .username.toLowerCase()
      .replaceAll(/[^a-z0-9_-]/g, '-'),
  );
  return name.success && !RESERVED.includes(name.data) ? name.data : 'operator';
}

function answerOf(made: Result<Initialised>, embedded: boolean): Result<Answer> {
  if (!made.ok) return made;
  const { fleet, home, person, rootKey, personKey, rootFingerprint, brokerUrl } = made.value;
  const lines = [
    `Fleet ${fleet} is made in ${home}.`,
    '',
    `  Your key       ${personKey} (${person}; signs schedules and commands)`,
    `  Root key       ${rootKey}`,
    `  Fingerprint    ${rootFingerprint}`,
    `  Broker         ${brokerUrl}${embedded ? ' (embedded)' : ''}`,
    '',
    'The root key decides who may sign at all. It is needed again only to change persons, roles and keys:',
    'copy it to two places that are offline, check that both copies are readable, then delete it here.',
    'Whoever has it and its passphrase owns the fleet; without it nobody can ever change these again.',
    '',
    'Next:',
    ...(embedded
      ? ['  muster serve --with-broker    run the console core and its broker (leave it running)']
      : ['  muster serve                  run the console core (leave it running)']),
    '  muster join-token             a token for the first machine',
    '  muster apply schedules.yaml   sign and send schedules',
  ];
  return ok({ json: made.value, lines });
}
