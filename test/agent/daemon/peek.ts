// A second look at an agent's store, beside its daemon.
import type { DataDirectory } from '#agent/config.ts';
import { type OpenedStore, openAgentStore } from '#agent/store/open.ts';
import { AGENT, FLEET } from './parts.ts';

export const openStore = (data: DataDirectory): OpenedStore =>
  openAgentStore(data.database, { fleet: FLEET, agent: AGENT });
