/**
 * The login of a member of staff.
 *
 * The access token stays in memory; what renews it is a cookie that no script can read. Tabs share that cookie: one
 * renews at a time.
 */
import { ApiError, type Api, type Credentials, makeApi, NOBODY, of, type Schemas } from './client'

export type User = Schemas['User']

const nobody = makeApi(NOBODY)
let access: { token: string; until: number } | null = null
let renewing: Promise<User | null> | null = null
/** Whether this page has had a login that nobody ended here. */
let isSignedIn = false
/** What a page does whose login has ended under it. */
let onEnd: () => void = askToSignIn

/** A token is renewed so long before it ends, milliseconds. */
const EARLY = 30_000

function keep(login: Schemas['Login']): User {
  isSignedIn = true
  access = { token: login.access_token, until: performance.now() + login.expires_in_s * 1_000 - EARLY }
  return login.user
}

/** Sign in. */
export async function signIn(email: string, password: string): Promise<User> {
  return keep(await of(nobody.POST('/v1/auth/login', { body: { email, password, cookie: true } })))
}

/** Go on with the login of this browser; null = there is none. */
export function resume(): Promise<User | null> {
  renewing ??= inTurn('fieldops.refresh', renew).finally(() => (renewing = null))
  return renewing
}

/** Of all tabs one at a time. Over plain HTTP there are no locks: the service bears two that do the same. */
export async function inTurn<R>(name: string, run: () => Promise<R>): Promise<R> {
  const locks = navigator.locks as LockManager | undefined
  return locks === undefined ? await run() : await locks.request(name, run)
}

async function renew(): Promise<User | null> {
  try {
    return keep(await of(nobody.POST('/v1/auth/refresh', { body: {} })))
  } catch (error) {
    if (!(error instanceof ApiError) || !isNo(error.status)) throw error
    access = null
    if (isSignedIn) {
      isSignedIn = false
      onEnd()
    }
    return null
  }
}

/** Whether the service said that there is no login, rather than nothing, or that it is busy. */
function isNo(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429
}

/** Do something else than to lead to the sign-in page when the login ends under this page. */
export function whenLoginEnds(run: () => void): void {
  onEnd = run
}

export async function signOut(): Promise<void> {
  access = null
  isSignedIn = false
  await of(nobody.POST('/v1/auth/logout', { body: {} }))
}

/** Whoever is signed in here. */
export const staff: Credentials = {
  async token() {
    if (access === null || access.until < performance.now()) await resume()
    return access?.token ?? null
  },
  async renewed() {
    access = null
    await resume()
    return access === null ? null : (access as { token: string }).token
  },
}

/** The API as whoever is signed in. */
export const api: Api = makeApi(staff)

/** Lead to the sign-in page, and back afterwards. */
export function askToSignIn(): void {
  const back = location.pathname + location.search + location.hash
  location.assign(`/login?to=${encodeURIComponent(back)}`)
}

/** Who is signed in; whoever is not is led to sign in, and the promise never settles. */
export async function required(): Promise<User> {
  const user = await resume()
  if (user !== null) return user
  askToSignIn()
  return new Promise(() => {})
}
