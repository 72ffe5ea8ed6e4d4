// Before anything is drawn: the theme that was chosen here, or the one of the system.
;(function () {
  var chosen = null
  try {
    chosen = localStorage.getItem('fieldops.theme')
  } catch {
    // Storage is switched off in some embedded pages.
  }
  var dark = chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
