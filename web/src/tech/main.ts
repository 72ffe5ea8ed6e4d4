import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import './tech.css'
import { openDb } from './store/db'
import { Tech } from './store/tech.svelte'
import Page from './Tech.svelte'

const tech = new Tech(await openDb())
mount(Page, { target: document.getElementById('app')!, props: { tech } })
void tech.start()
if ('serviceWorker' in navigator && !import.meta.env.DEV) void navigator.serviceWorker.register('/sw.js', { scope: '/tech' })
