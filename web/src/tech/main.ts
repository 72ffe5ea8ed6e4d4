import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import Tech from './Tech.svelte'

mount(Tech, { target: document.getElementById('app')! })
