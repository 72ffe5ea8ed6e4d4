import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import Board from './Board.svelte'

mount(Board, { target: document.getElementById('app')! })
