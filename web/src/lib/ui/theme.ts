/** Light or dark; /theme.js has set it before the page was drawn. */
export type Theme = 'light' | 'dark'

export function theme(): Theme {
  return document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light'
}

export function chooseTheme(next: Theme): void {
  document.documentElement.dataset.theme = next
  try {
    localStorage.setItem('fieldops.theme', next)
  } catch {
    // Storage is switched off in some embedded pages; then it lasts as long as the page.
  }
  window.dispatchEvent(new CustomEvent('fieldops:theme', { detail: next }))
}
