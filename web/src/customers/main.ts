import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import Customers from './Customers.svelte'

mount(Customers, { target: document.getElementById('app')! })
