// app:// in a Chromium that does not know it: each app:// host has an https origin of its own, answered by interception.

const SUFFIX = '.app.invalid';

export const toChromium = (address: string): string =>
  address.startsWith('app://')
    ? address.replace(/^app:\/\/([^/?#]*)/, `https://$1${SUFFIX}`)
    : address;

export const toElectron = (address: string): string =>
  address.replace(/^https:\/\/([^/?#]*)\.app\.invalid(?=[/?#]|$)/, 'app://$1');
