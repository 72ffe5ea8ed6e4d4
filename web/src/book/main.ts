import { mount } from 'svelte'
import '../lib/ui/tokens.css'
import Book from './Book.svelte'

mount(Book, { target: document.getElementById('app')! })
