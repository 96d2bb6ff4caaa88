// Labels of a machine; pressing one filters the fleet by it.
import { Link } from 'react-router';

export function LabelChips({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return <span className="muted">no labels</span>;
  return (
    <span className="chips">
      {entries.map(([key, value]) => (
        <Link
          key={key}
          className="chip"
          to={`/fleet?q=${encodeURIComponent(`${key}=${value}`)}`}
          title={`Machines with ${key}=${value}`}
        >
          <span className="muted">{key}=</span>
          {value}
        </Link>
      ))}
    </span>
  );
}
