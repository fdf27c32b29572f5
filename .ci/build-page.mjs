// Bundles the page of the inspector into dist/inspector/page: index.html, app.js and app.css. `npm run build` calls it.
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

await build({
  configFile: false,
  logLevel: 'warn',
  root: path('../src/inspector/page'),
  // The page is mounted under any prefix, so its files have relative addresses.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: path('../dist/inspector/page'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    // The Content-Security-Policy of the page allows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        entryFileNames: 'app.js',
        codeSplitting: false,
        assetFileNames: ({ names }) =>
          names.some((name) => name.endsWith('.css')) ? 'app.css' : '[name][extname]',
      },
    },
  },
});
