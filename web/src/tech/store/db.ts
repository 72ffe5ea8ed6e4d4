/** What stays on the phone: events, days, who is signed in, and what has been seen. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { Seen } from '../changes'
import type { Anchor } from '../clock'
import type { Day, Kept, User } from '../types'

export interface KeptDay {
  user_id: string
  date: string
  day: Day
  /** When it was loaded, by the service's clock. */
  as_of: string
}

interface Schema extends DBSchema {
  events: { key: number; value: Kept; indexes: { user: string } }
  days: { key: [string, string]; value: KeptDay; indexes: { user: string } }
  seen: { key: [string, string]; value: Seen & { user_id: string } }
  facts: { key: string; value: unknown }
}

export type Db = IDBPDatabase<Schema>

export function openDb(name = 'fieldops.tech'): Promise<Db> {
  return openDB<Schema>(name, 1, {
    upgrade(db) {
      const events = db.createObjectStore('events', { keyPath: 'seq', autoIncrement: true })
      events.createIndex('user', 'user_id')
      const days = db.createObjectStore('days', { keyPath: ['user_id', 'date'] })
      days.createIndex('user', 'user_id')
      db.createObjectStore('seen', { keyPath: ['user_id', 'date'] })
      db.createObjectStore('facts')
    },
    blocking(_from, _to, event) {
      // A newer page wants to change the form; it may.
      ;(event.target as IDBDatabase).close()
    },
  })
}

export async function keptUser(db: Db): Promise<User | null> {
  return ((await db.get('facts', 'user')) as User | undefined) ?? null
}

export async function keepUser(db: Db, user: User): Promise<void> {
  await db.put('facts', user, 'user')
}

export async function keptClock(db: Db): Promise<Anchor | null> {
  return ((await db.get('facts', 'clock')) as Anchor | undefined) ?? null
}

export async function keepClock(db: Db, anchor: Anchor): Promise<void> {
  await db.put('facts', anchor, 'clock')
}

/** Whether somebody lets the page report where they are. */
export async function sharesPosition(db: Db, userId: string): Promise<boolean | null> {
  return ((await db.get('facts', `position ${userId}`)) as boolean | undefined) ?? null
}

export async function keepSharing(db: Db, userId: string, shares: boolean): Promise<void> {
  await db.put('facts', shares, `position ${userId}`)
}

/** The days of somebody that are on this phone, the oldest first. */
export function keptDays(db: Db, userId: string): Promise<KeptDay[]> {
  return db.getAllFromIndex('days', 'user', userId)
}

/** Keep a day, and forget those of before the day before: customers' addresses do not stay on phones. */
export async function keepDay(db: Db, kept: KeptDay, today: string): Promise<void> {
  const change = db.transaction('days', 'readwrite')
  await change.store.put(kept)
  for (const key of await change.store.getAllKeys()) if (key[1] < previous(today)) await change.store.delete(key)
  await change.done
}

/** Forget who is signed in, and what that user knew of customers; events that are not sent stay. */
export async function forgetUser(db: Db, userId: string): Promise<void> {
  const change = db.transaction(['facts', 'days', 'seen'], 'readwrite')
  await change.objectStore('facts').delete('user')
  await change.objectStore('facts').put(true, 'leaving')
  for (const name of ['days', 'seen'] as const) {
    const store = change.objectStore(name)
    for (const key of await store.getAllKeys()) if (key[0] === userId) await store.delete(key)
  }
  await change.done
}

/** Whether somebody has signed out of whom the service does not know it yet. */
export async function isLeaving(db: Db): Promise<boolean> {
  return (await db.get('facts', 'leaving')) === true
}

export async function hasLeft(db: Db): Promise<void> {
  await db.delete('facts', 'leaving')
}

function previous(date: string): string {
  const noon = new Date(`${date}T12:00:00Z`)
  noon.setUTCDate(noon.getUTCDate() - 1)
  return noon.toISOString().slice(0, 10)
}
