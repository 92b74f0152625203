/** A deployment, as charts and lists show it. */
export interface Deployment {
  readonly service: string;
  readonly version: string;
  /** Empty where nobody said. */
  readonly environment: string;
  /** Unix ms. */
  readonly atMs: number;
  /** `marked`: somebody said so (`tocsin deploy mark`). `seen`: the version was seen for the first time. */
  readonly kind: 'marked' | 'seen';
  /** The version before it, where it was seen. */
  readonly before: string;
  readonly actor: string;
  /** Where to read more, as the run of a pipeline; http(s). */
  readonly url: string;
  readonly note: string;
}

/** What somebody says of a deployment. */
export interface DeploymentMark {
  readonly service: string;
  readonly version: string;
  readonly environment?: string | undefined;
  readonly url?: string | undefined;
  readonly note?: string | undefined;
  /** Unix ms; now, where nothing is said. */
  readonly atMs?: number | undefined;
}

export interface DeploymentsContract {
  /** Newest first, 500 at most. Times in Unix ms. */
  'GET /api/v1/deployments': {
    readonly input: { readonly from: number; readonly to: number; readonly service?: string | undefined };
    readonly answer: { readonly deployments: readonly Deployment[] };
  };
  'POST /api/v1/deployments': {
    readonly input: DeploymentMark;
    readonly answer: { readonly deployment: Deployment };
  };
}
