#!/usr/bin/env bash
# Copies the configuration to the server and waits until every process of Tocsin has read it.
# Needs TOCSIN_HOST, TOCSIN_CONSOLE_URL and TOCSIN_CONSOLE_TOKEN; TOCSIN_FOLDER (/etc/tocsin) is where it goes.
set -euo pipefail
began_ms=$(date +%s000)
rsync --archive --checksum --delete --exclude .git --exclude .github --exclude ci ./ "$TOCSIN_HOST:${TOCSIN_FOLDER:-/etc/tocsin}/"
# A process looks every 2 s and tells every 10 s.
for _ in $(seq "${TOCSIN_APPLY_TRIES:-30}"); do
  sleep "${TOCSIN_APPLY_PAUSE_S:-2}"
  processes=$(curl -fsS -H "Authorization: Bearer $TOCSIN_CONSOLE_TOKEN" "$TOCSIN_CONSOLE_URL/api/v1/configuration") || continue
  stale=$(jq -r '[.processes[] | select(.isCurrent | not) | .service] | unique | join(", ")' <<<"$processes")
  if [ -n "$stale" ]; then
    echo "The configuration could not be read by $stale, which go on with the old one: see their logs." >&2
    exit 1
  fi
  if jq -e --argjson began "$began_ms" '(.processes | length) > 0 and all(.processes[]; .readMs >= $began)' <<<"$processes" >/dev/null; then
    echo "Every process uses the new configuration."
    exit 0
  fi
done
echo "Not every process has read the new configuration: $processes" >&2
exit 1
