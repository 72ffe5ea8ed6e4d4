import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin, Rolldown } from 'vite'

type Bundle = Rolldown.OutputBundle

/** Files of `public` that the technician's page shows or needs to be installed. */
const FIXED = ['theme.js', 'icon.svg', 'manifest.webmanifest', 'icon-192.png', 'icon-512.png']
const PAGE = 'tech.html'
const PLACE = '__TECH_SHELL__'

/** Everything that a page's script loads, at once or later, and their styles. */
export function filesOf(bundle: Bundle, page: string): string[] {
  const entry = Object.values(bundle).find((part) => part.type === 'chunk' && part.facadeModuleId?.endsWith(`/${page}`))
  if (entry === undefined) throw new Error(`there is no script of ${page}`)
  const found = new Set<string>()
  const wanted = [entry.fileName]
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const part = bundle[name]
    if (found.has(name) || part === undefined) continue
    found.add(name)
    if (part.type !== 'chunk') continue
    for (const style of part.viteMetadata?.importedCss ?? []) found.add(style)
    for (const asset of part.viteMetadata?.importedAssets ?? []) found.add(asset)
    wanted.push(...part.imports, ...part.dynamicImports)
  }
  return [...found].sort()
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Writes into the service worker what the technician's page consists of, so that it can keep that. */
export function techShell(): Plugin {
  return {
    name: 'fieldops-tech-shell',
    apply: 'build',
    writeBundle: {
      order: 'post',
      handler(options, bundle) {
        const dist = options.dir
        if (dist === undefined || !('sw.js' in bundle)) return
        const files = [...filesOf(bundle, PAGE), ...FIXED]
        const page = sha256(readFileSync(join(dist, PAGE)))
        const version = sha256([page, ...files.map((name) => sha256(readFileSync(join(dist, name))))].join()).slice(0, 16)
        const shell = JSON.stringify({ version, page, files: files.map((name) => `/${name}`) })
        const worker = readFileSync(join(dist, 'sw.js'), 'utf-8')
        if (!worker.includes(PLACE)) throw new Error(`sw.js has no ${PLACE}`)
        writeFileSync(join(dist, 'sw.js'), worker.replace(PLACE, shell))
      },
    },
  }
}
