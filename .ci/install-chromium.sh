#!/usr/bin/env bash
# Installs Chromium from the packages of Debian if it is missing. The tests of the inspector's page start it.
set -euo pipefail
[ -x /usr/bin/chromium ] && exit
if ! command -v apt-get >/dev/null; then
  echo 'chromium is missing, and there is no apt-get to install it: install it as /usr/bin/chromium' >&2
  exit 1
fi
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update
$sudo apt-get install -y chromium
