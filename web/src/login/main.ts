import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import Login from './Login.svelte'

mount(Login, { target: document.getElementById('app')! })
