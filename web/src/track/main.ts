import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import Track from './Track.svelte'

mount(Track, { target: document.getElementById('app')! })
