// A browser that came without the server's token: says where the token is, and takes it.
import { type FormEvent, useState } from 'react';
import { restartWithToken } from '#console/renderer/transport/host.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { Field } from '#console/renderer/ui/field.tsx';
import { Mark } from './mark.tsx';

export function TokenScreen({ refused = false }: { readonly refused?: boolean }) {
  const [token, setToken] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== '') restartWithToken(token);
  };
  return (
    <main className="token-screen">
      <form className="token-card" onSubmit={submit}>
        <Mark size={28} />
        <h1>{refused ? 'This console has another token' : 'Open this console'}</h1>
        <p className="soft">
          Muster lets nobody in without the token of its server. <code>muster serve</code> prints an
          address that carries it; it is also kept in the file <code>http-token</code> in the
          console’s home.
        </p>
        <Field
          label="Token"
          type="password"
          autoComplete="off"
          autoFocus
          value={token}
          onChange={(event) => setToken(event.target.value)}
        />
        <Button kind="primary" type="submit" disabled={token.trim() === ''}>
          Open
        </Button>
      </form>
    </main>
  );
}
