// `muster agents`: the machines, or all that is known of one.
import { Argument, type Command } from 'commander';
import { z } from 'zod';
import type { AgentDetail, AgentSummary } from '#console/views.ts';
import { err, ok } from '#shared/result.ts';
import { withCore } from './connect.ts';
import { inert } from './inert.ts';
import { collectLabels, labelsText } from './labels.ts';
import { paint } from './output.ts';
import { tableLines } from './table.ts';
import { type Answer, act, verbCommand } from './verb.ts';

const optionsSchema = z.object({ label: z.record(z.string(), z.string()).optional() });

export function agentsCommand(): Command {
  const command = verbCommand('agents', 'List the machines, or show one.', [
    'agents',
    'agents list --label site=berlin',
    'agents show till-4',
  ])
    .addArgument(new Argument('[what]', 'list or show').choices(['list', 'show']).default('list'))
    .argument('[agent]', 'the machine to show')
    .option('--label <key=value>', 'only machines with this label; repeatable', collectLabels);
  return act(command, optionsSchema, ({ home }, { label }, [what, agent]) =>
    withCore<Answer>(home, async (core) => {
      if (what !== 'show') {
        const agents = await core.call('agents.list', label ? { labels: label } : {});
        return agents.ok ? ok({ json: agents.value, lines: listLines(agents.value) }) : agents;
      }
      if (agent === undefined) return err('USAGE', 'name the machine: `muster agents show AGENT`');
      const shown = await core.call('agents.show', { agent });
      return shown.ok ? ok({ json: shown.value, lines: detailLines(shown.value) }) : shown;
    }),
  );
}

function listLines(agents: readonly AgentSummary[]): readonly string[] {
  if (agents.length === 0)
    return ['No machines yet: `muster join-token` makes a token for the first.'];
  const rows = agents.map((agent) => [
    agent.agent,
    agent.revoked ? 'revoked' : agent.presence,
    agent.coverage,
    agent.lastReportAt ?? 'never',
    String(agent.running),
    String(agent.failed),
    agent.clock,
    agent.next === null ? '-' : `${agent.next.schedule} ${agent.next.at}`,
    labelsText(agent.labels),
  ]);
  return tableLines(
    [
      'AGENT',
      'PRESENCE',
      'COVERAGE',
      'LAST REPORT',
      'RUNNING',
      'FAILED',
      'CLOCK',
      'NEXT',
      'LABELS',
    ],
    rows,
  );
}

function detailLines(agent: AgentDetail): readonly string[] {
  const { facts, policy, log, next } = agent;
  const line = (title: string, text: string): string => `${title.padEnd(14)}${inert(text)}`;
  return [
    line('Machine', `${agent.agent}${agent.revoked ? ' (revoked)' : ''}`),
    line('Labels', labelsText(agent.labels) || '-'),
    line('Presence', `${agent.presence} (as the broker says)`),
    line('Coverage', agent.coverage),
    line('Last report', agent.lastReportAt ?? 'never'),
    line('Known up to', agent.cursor ?? 'nothing yet'),
    line('Runs', `${agent.running} running, ${agent.failed} failed`),
    line('Next', next === null ? '-' : `${next.schedule} at ${next.at}`),
    line('Clock', agent.clock),
    line('Policy', policy === null ? 'unknown' : policyText(policy)),
    line('System', facts === null ? 'unknown' : systemText(facts)),
    line('Capabilities', agent.capabilities.join(' ') || '-'),
    line(
      'Log',
      log === null ? 'nothing yet' : `${log.incarnation}/${log.seq} ${log.hash.slice(0, 16)}`,
    ),
    ...(agent.paused.length > 0 ? [line('Paused', agent.paused.join(' '))] : []),
    ...section('Documents', documentRows(agent), ['KIND', 'NAME', 'WANTED', 'APPLIED', 'COVERAGE']),
    ...section('Refused', refusedRows(agent), ['CODE', 'AT', 'COUNT', 'TOPIC', 'DOCUMENT']),
    ...section('Alarms', alarmRows(agent), ['CODE', 'AT', 'DETAIL']),
  ];
}

const policyText = ({ digest, owner }: NonNullable<AgentDetail['policy']>): string =>
  owner === 'missing'
    ? 'missing: this machine runs nothing'
    : `${owner}-owned ${digest.slice(0, 16)}`;

const systemText = (facts: NonNullable<AgentDetail['facts']>): string =>
  `${facts.hostname}, ${facts.platform} ${facts.arch}, muster ${facts.version}, ` +
  `zone ${facts.zone}, tzdata ${facts.tzdata}`;

const documentRows = (agent: AgentDetail) =>
  agent.documents.map(({ desired, applied, coverage }) => [
    desired.kind,
    desired.name,
    String(desired.revision),
    applied === null ? '-' : String(applied.revision),
    coverage,
  ]);

const refusedRows = (agent: AgentDetail) =>
  agent.refused.map(({ code, at, count, topic, docId }) => [
    code,
    at,
    String(count),
    topic,
    docId?.slice(0, 16) ?? '-',
  ]);

const alarmRows = (agent: AgentDetail) =>
  agent.alarms.map(({ code, at, detail }) => [code, at, detail]);

const section = (
  title: string,
  rows: readonly (readonly string[])[],
  head: readonly string[],
): readonly string[] =>
  rows.length === 0 ? [] : ['', paint('bold', title), ...tableLines(head, rows)];
