// `muster init`: a new fleet on this machine.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { z } from 'zod';
import { type BrokerAddress, parseBrokerAddress } from '#console/setup/broker-address.ts';
import { ENROLLER } from '#console/setup/first-trust.ts';
import { type Initialised, initHome } from '#console/setup/init.ts';
import { tlsSettings } from '#console/setup/own-names.ts';
import { idSchema } from '#shared/ids.ts';
import type { TlsSettings } from '#shared/node/brokers/embedded/tls.ts';
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
  tls: z.union([z.string(), z.literal(true)]).optional(),
  tlsHost: z.string().optional(),
  tlsPort: z.string().optional(),
  brokerCa: z.string().optional(),
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
      'init --fleet shops --tls 192.168.1.10,ops.example',
      'init --fleet shops --broker mqtts://broker.example:8883 --broker-ca ca.pem',
    ],
  )
    .option('--fleet <name>', 'name of the fleet', 'fleet')
    .option('--broker <address>', 'embedded, embedded:PORT, or a URL', 'embedded')
    .option('--person <name>', 'your name in the trust document (else that of your account)')
    .option('--tls [names]', TLS_HELP)
    .option('--tls-host <address>', 'address TLS listens on', '0.0.0.0')
    .option('--tls-port <number>', 'port TLS listens on', '8883')
    .option(
      '--broker-ca <file>',
      'PEM of the authority behind a broker that is not the embedded one',
    )
    .option(PASSPHRASE_OPTION, PASSPHRASE_HELP);
  return act(command, optionsSchema, async ({ home }, options) => {
    const person = options.person ?? accountName();
    if (RESERVED.includes(person)) {
      return err('USAGE', `--person: ${person} is a name Muster uses itself`);
    }
    const broker = parseBrokerAddress(options.broker);
    if (!broker.ok) return broker;
    const security = securityOf(options, broker.value);
    if (!security.ok) return security;
    const passphrase = await readPassphrase(options.passphraseFile, 'New passphrase', true);
    if (!passphrase.ok) return passphrase;
    return answerOf(
      await initHome({
        home,
        fleet: options.fleet,
        person,
        broker: broker.value,
        ...security.value,
        passphrase: passphrase.value,
        clock: systemClock,
      }),
      broker.value.embedded,
    );
  });
}

const TLS_HELP =
  'let other machines in by TLS: the names and addresses of this one, separated by commas (else its own)';

/** Faults: USAGE, FILE. */
function securityOf(
  options: z.output<typeof optionsSchema>,
  { embedded, url }: BrokerAddress,
): Result<{ readonly tls?: TlsSettings; readonly brokerCa?: string }> {
  const { tls, tlsHost, tlsPort, brokerCa } = options;
  if (tls !== undefined) {
    if (!embedded) return err('USAGE', `--tls is for the embedded broker, not for ${url}`);
    const settings = tlsSettings({ names: tls, host: tlsHost, port: tlsPort });
    return settings.ok ? ok({ tls: settings.value }) : settings;
  }
  if (brokerCa === undefined) return ok({});
  if (embedded) return err('USAGE', '--broker-ca is for other brokers; --tls makes an own one');
  try {
    const pem = readFileSync(brokerCa, 'utf8');
    return ok({ brokerCa: new X509Certificate(pem).toString() });
  } catch (error) {
    return err('FILE', `no certificate in ${brokerCa}: ${(error as Error).message}`);
  }
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
  const { fleet, home, person, rootKey, personKey, rootFingerprint, brokerUrl, tlsUrl } =
    made.value;
  const lines = [
    `Fleet ${fleet} is made in ${home}.`,
    '',
    `  Your key       ${personKey} (${person}; signs schedules and commands)`,
    `  Root key       ${rootKey}`,
    `  Fingerprint    ${rootFingerprint}`,
    `  Broker         ${brokerUrl}${embedded ? ' (embedded)' : ''}`,
    ...(tlsUrl === null ? [] : [`  For machines   ${tlsUrl}`]),
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
