import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'
import { techShell } from './plugins/tech-shell.ts'

const root = import.meta.dirname
const PAGES = readdirSync(root).filter((name) => name.endsWith('.html'))

/** Writes `.gz` next to what compresses, so that the service compresses nothing while it serves. */
function compressed(): Plugin {
  return {
    name: 'fieldops-compressed',
    apply: 'build',
    closeBundle() {
      const dist = join(root, 'dist')
      for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|html|svg|json|webmanifest)$/.test(entry.name)) continue
        const path = join(entry.parentPath, entry.name)
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  plugins: [svelte(), techShell(), compressed()],
  // The package names a bundle of the other kind, of which nothing can be left out.
  resolve: { alias: [{ find: /^leaflet$/, replacement: 'leaflet/dist/leaflet-src.esm.js' }] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        ...Object.fromEntries(PAGES.map((name) => [name.replace('.html', ''), join(root, name)])),
        sw: join(root, 'src/tech/worker/sw.ts'),
      },
      // Svelte does not say so, but its modules do nothing unless they are used; these two do.
      treeshake: {
        moduleSideEffects: [{ test: /\/svelte\/src\/(?!internal\/(flags|disclose-version))/, sideEffects: false }],
      },
      output: {
        // The worker reaches as far as its address: it has to be at the root, under a name that stays.
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
        codeSplitting: {
          // What many parts share comes in few files: each of its own would be a request, and compresses badly.
          groups: [
            { name: 'svelte', test: /\/node_modules\/(svelte|clsx|esm-env)\// },
            { name: 'base', test: /\/src\/lib\/|\/(openapi-fetch|eventsource-parser)\/|preload-helper/, minShareCount: 6 },
            { name: 'day', test: /\/src\/board\/(?!words)/, minShareCount: 4 },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8000' } },
})
