// Runs `muster broker` with the arguments given: a broker in a process of its own that tests can kill.
import { brokerCommand } from '#console/cli/broker.ts';

await brokerCommand().parseAsync(process.argv);
