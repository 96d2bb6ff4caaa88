// The rail: every screen of the list, with its key.
import { NavLink } from 'react-router';
import { screens } from '#console/renderer/screens.ts';

export function Rail() {
  return (
    <nav className="rail" aria-label="Screens">
      {screens
        .filter((screen) => screen.nav)
        .map(({ id, path, title, icon: Icon, key }) => (
          <NavLink key={id} to={path} className="rail-link">
            <Icon size={15} aria-hidden="true" />
            <span className="rail-title">{title}</span>
            {key && (
              <span className="rail-key" aria-hidden="true">
                g {key}
              </span>
            )}
          </NavLink>
        ))}
    </nav>
  );
}
