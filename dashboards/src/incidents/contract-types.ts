import type { Incident, IncidentPage, MeanTimes } from './incident-types.ts';

interface Named {
  readonly id: string;
}

export interface IncidentContract {
  'GET /api/v1/incidents': {
    readonly input: { readonly status?: 'open' | 'resolved' | undefined };
    readonly answer: readonly Incident[];
  };
  'GET /api/v1/incidents/:id': { readonly input: Named; readonly answer: IncidentPage };
  'POST /api/v1/incidents/:id/acknowledge': { readonly input: Named; readonly answer: Incident };
  'POST /api/v1/incidents/:id/unacknowledge': { readonly input: Named; readonly answer: Incident };
  'POST /api/v1/incidents/:id/notes': {
    readonly input: { readonly id: string; readonly text: string };
    readonly answer: Incident;
  };
  'GET /api/v1/mean-times': { readonly input: Readonly<Record<never, never>>; readonly answer: MeanTimes };
}
