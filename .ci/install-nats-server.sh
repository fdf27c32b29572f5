#!/usr/bin/env bash
# Installs nats-server from the packages of Debian or Ubuntu if it is missing. The tests of the JetStream engine start it.
set -euo pipefail
command -v nats-server >/dev/null && exit
if ! command -v apt-get >/dev/null; then
  echo 'nats-server is missing, and there is no apt-get to install it: install it from https://nats.io/download' >&2
  exit 1
fi
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update
$sudo apt-get install -y nats-server
