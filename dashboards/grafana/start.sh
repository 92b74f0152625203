#!/bin/sh
# Grafana on 127.0.0.1:3001 in front of the Tocsin that runs here, with its data sources and dashboards:
#   dashboards/grafana/start.sh            with Docker or Podman where there is one, else with a Grafana that is installed
#   dashboards/grafana/start.sh docker     (or podman) only in a container
#   dashboards/grafana/start.sh native     only with an installed Grafana; GRAFANA is its home where it is not /usr/share/grafana
# GRAFANA_PORT is another port, GRAFANA_DATA where an installed Grafana keeps its files (data/grafana below the current folder).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
port=${GRAFANA_PORT:-3001}
plugin=grafana-clickhouse-datasource

how=${1:-}
if [ -z "$how" ]; then
  for candidate in docker podman grafana; do
    if command -v "$candidate" >/dev/null 2>&1; then how=$candidate; break; fi
  done
fi

# The host's network: Tocsin listens on loopback, and refuses requests under foreign host names such as host.docker.internal.
in_container() {
  exec "$1" run --rm --network host \
    -e GF_SERVER_HTTP_ADDR=127.0.0.1 -e GF_SERVER_HTTP_PORT="$port" \
    -e GF_AUTH_ANONYMOUS_ENABLED=true -e GF_AUTH_ANONYMOUS_ORG_ROLE=Editor \
    -e GF_PLUGINS_PREINSTALL_SYNC="$plugin" -e TOCSIN_GRAFANA=/etc/tocsin \
    -v "$here/provisioning:/etc/grafana/provisioning:ro" -v "$here/dashboards:/etc/tocsin/dashboards:ro" \
    "${GRAFANA_IMAGE:-docker.io/grafana/grafana}"
}

installed() {
  home=${GRAFANA:-/usr/share/grafana}
  export GF_PATHS_DATA="${GRAFANA_DATA:-$PWD/data/grafana}"
  export GF_PATHS_PLUGINS="$GF_PATHS_DATA/plugins" GF_PATHS_PROVISIONING="$here/provisioning" TOCSIN_GRAFANA="$here"
  export GF_SERVER_HTTP_ADDR=127.0.0.1 GF_SERVER_HTTP_PORT="$port"
  export GF_AUTH_ANONYMOUS_ENABLED=true GF_AUTH_ANONYMOUS_ORG_ROLE=Editor
  PATH="$home/bin:$PATH"
  mkdir -p "$GF_PATHS_PLUGINS"
  if [ ! -d "$GF_PATHS_PLUGINS/$plugin" ]; then
    grafana cli --homepath "$home" --pluginsDir "$GF_PATHS_PLUGINS" plugins install "$plugin"
  fi
  exec grafana server --homepath "$home"
}

case $how in
  docker | podman) in_container "$how" ;;
  grafana | native) installed ;;
  '') echo 'There is neither Docker, Podman nor a Grafana here: install one of them, or name a home of Grafana: GRAFANA=/opt/grafana dashboards/grafana/start.sh native' >&2; exit 1 ;;
  *) echo "'docker', 'podman' or 'native' was expected, not '$how'" >&2; exit 2 ;;
esac
