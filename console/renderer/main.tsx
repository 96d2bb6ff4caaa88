// Entry of the renderer: finds its host, and mounts the console.
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/kit.css';
import './styles/layers.css';
import './styles/table.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { applyTheme, savedTheme } from './shell/theme.ts';
import { chooseTransport } from './transport/host.ts';

applyTheme(savedTheme());
const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');
createRoot(root).render(<App transport={chooseTransport()} />);
