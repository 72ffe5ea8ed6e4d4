import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import Ops from './Ops.svelte'

mount(Ops, { target: document.getElementById('app')! })
