/** Tell the page that shows this one in a frame how high it is; nothing else is said, so anybody may hear it. */
export function tellHeight(): () => void {
  if (window.parent === window) return () => {}
  const { body } = document
  // As high as what stands on it: a page that fills its frame would never let the frame become smaller again.
  body.style.minHeight = '0'
  const observer = new ResizeObserver(() => {
    window.parent.postMessage({ type: 'fieldops:height', height: Math.ceil(body.getBoundingClientRect().height) }, '*')
  })
  observer.observe(body)
  return () => observer.disconnect()
}
