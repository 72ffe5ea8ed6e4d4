/** The typed client of the API: every call throws an `ApiError` unless it succeeds. */
import createClient, { type Client, type FetchResponse } from 'openapi-fetch'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Api = Client<paths, 'application/json'>

/** One field that was wrong, in the words of the API. */
export type Fault = Schemas['FaultSchema']

/** What the API answers instead of a result: a problem document, or no answer at all (status 0, code `offline`). */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly faults: readonly Fault[]
  readonly details: Readonly<Record<string, unknown>>

  constructor(status: number, problem: Partial<Schemas['Problem']>) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`)
    this.name = 'ApiError'
    this.status = status
    this.code = problem.code ?? (status ? 'unexpected' : 'offline')
    this.faults = problem.faults ?? []
    this.details = (problem.details ?? {}) as Record<string, unknown>
  }
}

/** How requests prove who asks. */
export interface Credentials {
  /** The bearer token; null = nobody. */
  token(): Promise<string | null>
  /** Another token after the API refused the last one; null = there is none. */
  renewed(): Promise<string | null>
}

/** Nobody in particular: the operations that everybody may call. */
export const NOBODY: Credentials = { token: async () => null, renewed: async () => null }

/** Somebody who was given a link: its token is all there is. */
export function linkCredentials(token: string): Credentials {
  return { token: async () => token, renewed: async () => null }
}

/** Fetch with credentials, and once more with renewed ones when they were refused. */
export function authorized(credentials: Credentials): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const again = request.clone()
    const token = await credentials.token()
    const response = await send(request, token)
    if (response.status !== 401 || token === null) return response
    const renewed = await credentials.renewed()
    return renewed === null ? response : send(again, renewed)
  }
}

async function send(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set('Authorization', `Bearer ${token}`)
  try {
    return await fetch(request)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, { code: 'offline', detail: 'no connection' })
  }
}

export function makeApi(credentials: Credentials): Api {
  return createClient<paths, 'application/json'>({ baseUrl: location.origin, fetch: authorized(credentials) })
}

/** Give the result of a call, or throw what the API said instead. */
export async function of<T extends Record<string | number, any>, O, M extends `${string}/${string}`>(
  call: Promise<FetchResponse<T, O, M>>,
): Promise<NonNullable<FetchResponse<T, O, M>['data']>> {
  const { data, error, response } = await call
  if (!response.ok) throw new ApiError(response.status, (error ?? {}) as Partial<Schemas['Problem']>)
  return data as NonNullable<FetchResponse<T, O, M>['data']>
}

/** A random id; `crypto.randomUUID` is missing where a page came over plain HTTP. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Headers that make repeating a POST harmless. */
export function once(key: string = newId()): { 'Idempotency-Key': string } {
  return { 'Idempotency-Key': key }
}
