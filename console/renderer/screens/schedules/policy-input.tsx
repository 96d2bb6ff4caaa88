// One policy in the form; empty means the default, which stands there in grey.
import { Field } from '#console/renderer/ui/field.tsx';
import { Select } from '#console/renderer/ui/select.tsx';
import type { PolicyField } from './form-fields.ts';
import type { FormPart } from './form-part.ts';
import { readPolicy, writePolicy } from './policy-value.ts';
import { valueAt } from './yaml-edit.ts';

export function PolicyInput({
  field,
  file,
  get,
  set,
  faultOf,
  disabled,
}: FormPart & { readonly field: PolicyField }) {
  const { key, inner, kind, label, help } = field;
  const own = get(key);
  const value = readPolicy(field, own);
  const inherited = own === undefined ? readPolicy(field, valueAt(file, ['defaults', key])) : '';
  const standard = inherited || field.standard;
  const fault = inner === undefined || value !== '' ? faultOf(key) : undefined;
  const write = (typed: string): void => {
    const change = writePolicy(field, own, typed, file.defaults);
    if (change) set(change.path.map(String), change.value);
  };
  if (typeof kind === 'string') {
    return (
      <Field
        label={label}
        value={value}
        placeholder={standard}
        help={help}
        fault={fault}
        inputMode={kind === 'number' ? 'decimal' : 'text'}
        disabled={disabled}
        onChange={({ target }) => write(target.value)}
      />
    );
  }
  const options = kind.map((it) => ({ value: it, label: it }));
  return (
    <div className="field">
      <span className="field-label" aria-hidden="true">
        {label}
      </span>
      <Select
        label={label}
        value={value}
        disabled={disabled}
        options={[{ value: '', label: `${standard} (default)` }, ...options]}
        onChange={write}
      />
      <p className={fault ? 'field-fault' : 'field-help'}>{fault ?? help}</p>
    </div>
  );
}
