// What: a program with its arguments or a shell script, its environment and its directory.
import { Field } from '#console/renderer/ui/field.tsx';
import { type FormPart, textOf } from './form-part.ts';
import { Segments } from './segments.tsx';
import { SyncedText } from './synced-text.tsx';
import { isRecord, setAt } from './yaml-edit.ts';

const argvText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join('\n') : '';
const envText = (value: unknown): string =>
  isRecord(value)
    ? Object.entries(value)
        .map(([name, it]) => `${name}=${it}`)
        .join('\n')
    : '';
const readEnv = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 1 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1)]];
    }),
  );
const scriptText = (value: unknown): string => textOf(value).replace(/\n$/, '');
const writeScript = (text: string): string => (text.includes('\n') ? `${text}\n` : text);

export function JobFields(part: FormPart) {
  const { get, set, faultOf, disabled, text, id, onText } = part;
  const kind = get('exec') !== undefined ? 'exec' : 'shell';
  const change = (next: 'exec' | 'shell'): void => {
    if (next === kind) return;
    const without = setAt(text, ['schedules', id, kind], undefined);
    const start = next === 'exec' ? ['/bin/true'] : 'true';
    onText(setAt(without, ['schedules', id, next], start));
  };
  return (
    <fieldset className="group">
      <legend>What</legend>
      <Segments
        label="Kind of job"
        values={[
          { value: 'exec' as const, label: 'Program' },
          { value: 'shell' as const, label: 'Shell script' },
        ]}
        value={kind}
        disabled={disabled}
        onChange={change}
      />
      {kind === 'exec' ? <Program {...part} /> : <Script {...part} />}
      <Environment {...part} />
      <Field
        label="Directory"
        value={textOf(get('cwd'))}
        placeholder="the schedule’s own"
        fault={faultOf('cwd')}
        disabled={disabled}
        onChange={({ target }) => set(['cwd'], target.value === '' ? undefined : target.value)}
      />
    </fieldset>
  );
}

function Program({ get, set, faultOf, disabled }: FormPart) {
  return (
    <SyncedText
      label="Program and arguments"
      help="one a line, as they are: no shell, no quoting"
      fault={faultOf('exec')}
      value={argvText(get('exec'))}
      normal={(typed) => typed}
      rows={3}
      disabled={disabled}
      onChange={(typed) => set(['exec'], typed.split('\n'))}
    />
  );
}

function Script({ get, set, faultOf, disabled }: FormPart) {
  return (
    <SyncedText
      label="Script for /bin/sh"
      fault={faultOf('shell')}
      value={scriptText(get('shell'))}
      normal={(typed) => typed}
      rows={5}
      disabled={disabled}
      onChange={(typed) => set(['shell'], writeScript(typed))}
    />
  );
}

function Environment({ get, set, faultOf, disabled }: FormPart) {
  return (
    <SyncedText
      label="Environment"
      help="NAME=value, one a line"
      fault={faultOf('env')}
      value={envText(get('env'))}
      normal={(typed) => envText(readEnv(typed))}
      rows={2}
      disabled={disabled}
      onChange={(typed) => {
        const env = readEnv(typed);
        set(['env'], Object.keys(env).length === 0 ? undefined : env);
      }}
    />
  );
}
