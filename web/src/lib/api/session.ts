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

/** A token is renewed so long before it ends, milliseconds. */
const EARLY = 30_000

function keep(login: Schemas['Login']): User {
  access = { token: login.access_token, until: performance.now() + login.expires_in_s * 1_000 - EARLY }
  return login.user
}

/** Sign in. */
export async function signIn(email: string, password: string): Promise<User> {
  return keep(await of(nobody.POST('/v1/auth/login', { body: { email, password, cookie: true } })))
}

/** Go on with the login of this browser; null = there is none. */
export function resume(): Promise<User | null> {
  renewing ??= inTurn().finally(() => (renewing = null))
  return renewing
}

async function inTurn(): Promise<User | null> {
  // Over plain HTTP there are no locks; the service bears two tabs that renew at the same time.
  const locks = navigator.locks as LockManager | undefined
  return locks === undefined ? await renew() : await locks.request('fieldops.refresh', renew)
}

async function renew(): Promise<User | null> {
  try {
    return keep(await of(nobody.POST('/v1/auth/refresh', { body: {} })))
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) throw error
    access = null
    return null
  }
}

export async function signOut(): Promise<void> {
  access = null
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
