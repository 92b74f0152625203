import type { ComponentChildren } from 'preact';
import type { Part } from '../../../src/part-types.ts';
import type { ApiFailure } from '../api/call-api.ts';

/** Nothing to show: what that means and what to do next. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="empty-state">
      <h2>{title}</h2>
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}

/** Something did not work, in words. */
export function Notice({ children }: { readonly children: ComponentChildren }) {
  return (
    <p class="notice" role="status">
      {children}
    </p>
  );
}

/** What a request gave: its value, or why there is none; above an older value too. */
export function Asked<Value>({
  loaded,
  children,
}: {
  readonly loaded: { readonly value: Value | undefined; readonly failure: ApiFailure | undefined };
  readonly children: (value: NonNullable<Value>) => ComponentChildren;
}) {
  const { value, failure } = loaded;
  return (
    <>
      {failure && <Notice>{failure.message}</Notice>}
      {value !== undefined && value !== null ? children(value) : !failure && <p class="loading">Loading …</p>}
    </>
  );
}

/** A part of an answer: its value, or why its source gave none. */
export function PartOf<Value>({
  part,
  children,
}: {
  readonly part: Part<Value>;
  readonly children: (value: Value) => ComponentChildren;
}) {
  return part.status === 'ok' ? <>{children(part.value)}</> : <Notice>{part.message}</Notice>;
}
