/** Do something at once, but not more often than every so many milliseconds: of what comes between, the last counts. */
export class Paced {
  readonly #wait: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #next: (() => void) | null = null

  constructor(wait: number) {
    this.#wait = wait
  }

  run(what: () => void): void {
    if (this.#timer !== undefined) {
      this.#next = what
      return
    }
    what()
    this.#rest()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#next = null
  }

  #rest(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const next = this.#next
      this.#next = null
      if (next !== null) this.run(next)
    }, this.#wait)
  }
}
