#!/usr/bin/env bash
# Runs the tests of the JetStream engine on a version of nats-server: 2.9, 2.10 or newest. Further arguments are passed to
# vitest. The server comes from the packages of a Debian release, and is unpacked into .nats/. Nothing is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

# Each release of Debian has one version of nats-server, apart from corrections.
case "${1:-}" in
  2.9) release=bookworm ;;
  2.10) release=trixie ;;
  newest) release=forky ;;
  *)
    echo 'usage: npm run test:nats -- 2.9|2.10|newest [arguments of vitest]' >&2
    echo 'NATS_SERVER_PATH=/path/to/nats-server npm test tests any other server' >&2
    exit 2
    ;;
esac
shift

folder="$PWD/.nats/$release"
server="$folder/root/usr/sbin/nats-server"
if [ ! -x "$server" ]; then
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  if ! command -v apt-get >/dev/null || [ ! -f "$keyring" ]; then
    echo "apt-get and $keyring are needed to download nats-server; set NATS_SERVER_PATH instead" >&2
    exit 1
  fi
  sources=/etc/apt/sources.list.d/debian.sources
  mirror=$(awk '/^URIs:/ { print $2; exit }' "$sources" 2>/dev/null || true)
  mkdir -p "$folder"/{lists,cache/archives}/partial
  echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $release main" > "$folder/sources.list"
  options=(-qq -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache" -o "APT::Sandbox::User=$(id -un)")
  apt-get "${options[@]}" update
  (cd "$folder" && apt-get "${options[@]}" download nats-server)
  dpkg -x "$folder"/nats-server_*.deb "$folder/root"
  rm -r "$folder"/{lists,cache} "$folder"/*.deb
fi

export NATS_SERVER_PATH="$server"
"$server" -v
npm run --silent build:demo
exec npx vitest run --config test/vitest.config.ts \
  test/engine/jetstream test/conformance/jetstream test/telemetry/jetstream "$@"
