#!/usr/bin/env bash
# Installs nats-server from the system's packages, if there is none: the tests of the JetStream engine start it.
set -euo pipefail
command -v nats-server >/dev/null && exit
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update
$sudo apt-get install -y nats-server
