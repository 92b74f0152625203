import { useEffect } from 'preact/hooks';

/** Names the window: `shop · Tocsin`. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Tocsin`;
  }, [title]);
}
