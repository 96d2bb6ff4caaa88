// Where the console's core runs: seen in a browser, chosen in the desktop shell.
import { useState } from 'react';
import { CopyLine } from '#console/renderer/screens/change/copy-line.tsx';
import { Segments } from '#console/renderer/screens/schedules/segments.tsx';
import { useApi, useTransport } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { Field } from '#console/renderer/ui/field.tsx';
import { FaultLine } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { type ChosenPlace, placeChooser, type SetupAnswer } from './shell-setup.ts';

export function ConsoleStep() {
  const { place } = useTransport();
  const status = useApi('core.status', {});
  const choose = placeChooser();
  return (
    <>
      {status.data && (
        <>
          <p>
            Fleet <strong>{status.data.fleet}</strong>{' '}
            {place.kind === 'server' ? `by the server ${place.name}` : 'on this machine'}.
          </p>
          <p className="broker-line">
            <StatusMark status={status.data.broker.online ? 'online' : 'offline'}>
              broker {status.data.broker.online ? 'reached' : 'not reached'}
            </StatusMark>
            <code className="muted">{status.data.broker.url}</code>
          </p>
          {!status.data.broker.online && (
            <div>
              <p className="soft proposal-how">
                Machines and console meet at the broker. Start the one that came with this home, or
                see that yours can be reached:
              </p>
              <CopyLine label="start the broker" text="muster broker" />
            </div>
          )}
        </>
      )}
      {status.error && <FaultLine fault={status.error.fault} />}
      {choose ? <ChoosePlace choose={choose} /> : <OtherConsole />}
    </>
  );
}

function OtherConsole() {
  return (
    <details>
      <summary>Another fleet, or another place for the console</summary>
      <div className="ways">
        <p className="soft">A new fleet, on the machine that shall hold its console:</p>
        <CopyLine label="begin a new fleet" text="muster init --fleet my-fleet --person me" />
        <p className="soft">An existing console, moved to a new machine with its backup:</p>
        <CopyLine label="restore a console" text="muster restore muster-backup.tar.gz" />
        <p className="soft">Then, there; it prints the address to open:</p>
        <CopyLine label="serve the console" text="muster serve" />
      </div>
    </details>
  );
}

/** The wizard's first question, where the host can act on the answer. */
function ChoosePlace({
  choose,
}: {
  readonly choose: (place: ChosenPlace) => Promise<SetupAnswer>;
}) {
  const [kind, setKind] = useState<ChosenPlace['kind']>('this-machine');
  const [url, setUrl] = useState('');
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<SetupAnswer>();
  const connect = async (): Promise<void> => {
    setBusy(true);
    setAnswer(
      await choose(kind === 'server' ? { kind, url: url.trim(), token: token.trim() } : { kind }),
    );
    setBusy(false);
  };
  return (
    <div className="ways">
      <Segments
        label="Where the console runs"
        value={kind}
        values={[
          { value: 'this-machine', label: 'This laptop' },
          { value: 'server', label: 'A server' },
        ]}
        onChange={setKind}
      />
      {kind === 'server' ? (
        <div className="group-grid">
          <Field
            label="Address"
            placeholder="https://muster.example.org"
            value={url}
            onChange={({ target }) => setUrl(target.value)}
          />
          <Field
            label="Token"
            type="password"
            autoComplete="off"
            help="in the file http-token of the server’s home"
            value={token}
            onChange={({ target }) => setToken(target.value)}
          />
        </div>
      ) : (
        <>
          <p className="soft">
            A fleet that does not exist yet is begun in a terminal, because its first keys are made
            there under your passphrase:
          </p>
          <CopyLine label="begin a new fleet" text="muster init --fleet my-fleet --person me" />
        </>
      )}
      <div>
        <Button
          busy={busy}
          disabled={kind === 'server' && (url.trim() === '' || token.trim() === '')}
          onClick={() => void connect()}
        >
          Connect
        </Button>
      </div>
      {answer && !answer.ok && <FaultLine fault={answer.fault} />}
    </div>
  );
}
