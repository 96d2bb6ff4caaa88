// The machine the figures run on: one broker, one enrolled agent with ten thousand resting schedules, copied per figure.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { brokerCredentials } from '#shared/node/brokers/embedded/credentials.ts';
import { AGENT, type AgentHome, copyHome, installSchedules, makeAgentHome } from './agent-home.ts';
import type { Lab } from './lab.ts';
import { startBroker } from './processes.ts';
import { restingSchedules } from './schedules.ts';

export const RESTING = 10_000;

/** A copy of the home with ten thousand resting schedules; its broker runs until the lab closes. */
export async function restingHome(lab: Lab, name: string): Promise<AgentHome> {
  const template = await lab.once('resting home', () => makeTemplate(lab));
  return copyHome(template, join(lab.directory(name), 'data'));
}

async function makeTemplate(lab: Lab): Promise<AgentHome> {
  lab.say(`starting a broker and installing ${RESTING} schedules`);
  const console_ = lab.directory('console');
  const credentials = brokerCredentials(join(console_, 'broker'));
  const password = credentials.add(AGENT, 'agent');
  credentials.close();
  const broker = await startBroker(console_);
  lab.atEnd(broker.stop);
  const path = join(lab.directory('template'), 'data');
  mkdirSync(path, { mode: 0o700 });
  const home = makeAgentHome(path, { url: broker.url, password });
  installSchedules(home, 'rest', restingSchedules(RESTING, Date.now()));
  return home;
}
