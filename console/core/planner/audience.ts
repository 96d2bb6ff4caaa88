// Which machines an audience means, by the labels in their signed device documents.

import { nearest } from '#console/core/fleet/nearest.ts';
import type { AgentRecord } from '#console/core/ports.ts';
import type { Fault } from '#shared/result.ts';
import type { DesiredAudience } from './file-schema.ts';

export interface ResolvedAudience {
  /** Sorted by name. */
  readonly agents: readonly AgentRecord[];
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
}

/** `at` finds the place of a path in the file. Fault: AGENT_UNKNOWN for each machine named that is not enrolled. */
export function resolveAudience(
  stream: string,
  audience: DesiredAudience,
  agents: readonly AgentRecord[],
  at: (path: readonly PropertyKey[]) => string,
): ResolvedAudience {
  const named = audience.agents;
  const known = new Map(agents.map((agent) => [agent.agent, agent]));
  const faults = (named ?? []).flatMap((name, index): Fault[] => {
    if (known.has(name)) return [];
    const near = nearest(name, [...known.keys()]);
    const hint = near === undefined ? 'enrol it first, or take it out' : `did you mean '${near}'?`;
    const place = at(['audience', 'agents', index]);
    return [
      { code: 'AGENT_UNKNOWN', message: `no machine '${name}' is enrolled`, at: place, hint },
    ];
  });
  const chosen = agents.filter((agent) => {
    if (named) return named.includes(agent.agent);
    return Object.entries(audience.labels ?? {}).every(
      ([label, value]) => Object.hasOwn(agent.labels, label) && agent.labels[label] === value,
    );
  });
  const living = chosen.filter(({ revoked }) => !revoked);
  const warnings = named
    ? chosen
        .filter(({ revoked }) => revoked)
        .map(({ agent }) => `${stream}: ${agent} is revoked and gets nothing`)
    : [];
  if (living.length === 0 && faults.length === 0) {
    warnings.push(
      `${stream}: no machine is in the audience now; apply again when machines have joined`,
    );
  }
  return { agents: living, faults, warnings };
}
