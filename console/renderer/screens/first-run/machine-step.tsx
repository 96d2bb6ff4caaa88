// The first machine: one line to paste there, and the machine as it appears.
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { CopyLine } from '#console/renderer/screens/change/copy-line.tsx';
import { useApi, useApiAction } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { Field } from '#console/renderer/ui/field.tsx';
import { FaultLine } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { Time } from '#console/renderer/ui/time.tsx';

const EVERY_MS = 2_000;
const SHOWN = 6;
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function MachineStep() {
  const machines = useApi(
    'fleet.page',
    { sort: '-lastReport', limit: SHOWN },
    { everyMs: EVERY_MS },
  );
  const [adding, setAdding] = useState(false);
  const total = machines.data?.total ?? 0;
  return (
    <>
      {machines.error && <FaultLine fault={machines.error.fault} />}
      {total > 0 && (
        <ul className="arrived" aria-label="Machines" aria-live="polite">
          {machines.data?.rows.map((row) => (
            <li key={row.agent}>
              <StatusMark status={row.presence} />
              <Link to={`/fleet/${encodeURIComponent(row.agent)}`}>{row.agent}</Link>
              {Object.entries(row.labels).map(([name, value]) => (
                <span key={name} className="chip">
                  {name}={value}
                </span>
              ))}
              <span className="muted">
                reported <Time at={row.lastReportAt} />
              </span>
            </li>
          ))}
          {total > SHOWN && <li className="muted">and {total - SHOWN} more</li>}
        </ul>
      )}
      {total > 0 && !adding ? (
        <div>
          <Button icon={Plus} onClick={() => setAdding(true)}>
            Add another machine
          </Button>
        </div>
      ) : (
        <JoinForm waiting={machines.data !== undefined && total === 0} />
      )}
    </>
  );
}

function JoinForm({ waiting }: { readonly waiting: boolean }) {
  const create = useApiAction('tokens.create');
  const [name, setName] = useState('machine-1');
  const [labels, setLabels] = useState('');
  const fault = NAME.test(name) ? undefined : 'a-z 0-9 _ - only';
  const make = (): void => create.mutate({ labels: readLabels(labels) });
  const made = create.data;
  return (
    <>
      <form
        className="join-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (fault === undefined) make();
        }}
      >
        <Field
          label="Name of the machine"
          value={name}
          fault={fault}
          spellCheck={false}
          onChange={({ target }) => setName(target.value)}
        />
        <Field
          label="Labels"
          placeholder="site=berlin, role=shop"
          value={labels}
          spellCheck={false}
          onChange={({ target }) => setLabels(target.value)}
        />
        <Button kind={made ? 'plain' : 'primary'} type="submit" busy={create.isPending}>
          {made ? 'New token' : 'Make the line'}
        </Button>
      </form>
      {create.error && <FaultLine fault={create.error.fault} />}
      {made && (
        <div className="ways">
          <p className="soft">
            On the machine, where the agent’s package is installed. The token is a secret; it works
            once, until <Time at={made.expires} as="clock" />.
          </p>
          <CopyLine
            label="join and install the service"
            text={`sudo muster-agent install --token ${made.text} --name ${name}`}
            short
          />
          <details>
            <summary>Only for a try, without a service</summary>
            <div className="ways">
              <CopyLine
                label="enrol the machine"
                text={`muster-agent enrol ${made.text} --name ${name}`}
                short
              />
              <CopyLine label="run in the foreground" text="muster-agent run" />
            </div>
          </details>
          {waiting && (
            <p role="status">
              <StatusMark status="pending">Waiting for {name} to appear …</StatusMark>
            </p>
          )}
        </div>
      )}
    </>
  );
}

const readLabels = (typed: string): Record<string, string> =>
  Object.fromEntries(
    typed
      .split(/[\s,]+/)
      .filter((item) => item.includes('='))
      .map((item) => [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)]),
  );
