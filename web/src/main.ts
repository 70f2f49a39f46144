// The console: put into the page when its script is there.

import { mount } from 'svelte'
import './app.css'
import App from './app.svelte'
import { applyTheme } from './lib/settings.svelte.ts'

applyTheme()
const target = document.getElementById('console')
if (target !== null) mount(App, { target })
