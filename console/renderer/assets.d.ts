// What the bundler turns into files beside the code.
declare module '*.css';
