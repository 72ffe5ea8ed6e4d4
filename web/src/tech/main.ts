import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import './tech.css'
import { openDb } from './store/db'
import { Tech } from './store/tech.svelte'
import NoStorage from './NoStorage.svelte'
import Page from './Tech.svelte'

const target = document.getElementById('app')!

const store = await openDb().catch(() => null)

if (store === null) {
  mount(NoStorage, { target })
} else {
  const tech = new Tech(store)
  mount(Page, { target, props: { tech } })
  void tech.start()
}
// While it is developed the page comes fresh each time.
if ('serviceWorker' in navigator && !import.meta.env.DEV) void navigator.serviceWorker.register('/sw.js', { scope: '/tech' })
