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
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        ...Object.fromEntries(PAGES.map((name) => [name.replace('.html', ''), join(root, name)])),
        sw: join(root, 'src/tech/worker/sw.ts'),
      },
      // The worker reaches as far as its address: it has to be at the root, under a name that stays.
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8000' } },
})
