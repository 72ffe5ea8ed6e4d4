/** What the board asks of the service: one date of one territory. */
import { type Api, of, once } from '../lib/api/client'
import type { Edit, PlanEdit, Places, WhatIf } from './edits'
import type { Plan, Snapshot } from './facts'

export interface Wire {
  snapshot(): Promise<Snapshot>
  plan(): Promise<Plan>
  places(visitId: string): Promise<Places>
  whatIf(edit: Edit, signal?: AbortSignal): Promise<WhatIf>
  edit(edit: Edit, version: number, force: boolean, reason: string): Promise<PlanEdit>
  undo(editId: string): Promise<PlanEdit>
  edits(): Promise<readonly PlanEdit[]>
}

export function wireOf(api: Api, territoryId: string, date: string): Wire {
  const path = { territory_id: territoryId, date }
  return {
    snapshot: () => of(api.GET('/v1/territories/{territory_id}/live/{date}', { params: { path } })),
    plan: () => of(api.GET('/v1/plans/{territory_id}/{date}', { params: { path } })),
    places: (visitId) =>
      of(api.GET('/v1/plans/{territory_id}/{date}/places', { params: { path, query: { visit_id: visitId } } })),
    whatIf: (edit, signal) =>
      of(
        api.POST('/v1/plans/{territory_id}/{date}/what-if', {
          params: { path },
          body: { edit },
          ...(signal ? { signal } : {}),
        }),
      ),
    edit: (edit, version, force, reason) =>
      of(
        api.POST('/v1/plans/{territory_id}/{date}/edits', {
          params: { path, header: { 'If-Match': `"${version}"`, ...once() } },
          body: { edit, force, reason },
        }),
      ),
    undo: (editId) =>
      of(
        api.POST('/v1/plans/{territory_id}/{date}/edits/{edit_id}/undo', {
          params: { path: { ...path, edit_id: editId }, header: once() },
        }),
      ),
    edits: async () =>
      (await of(api.GET('/v1/plans/{territory_id}/{date}/edits', { params: { path, query: { limit: 50 } } }))).items,
  }
}
