#!/usr/bin/env bash
# Finds or installs what the studio's page is built with: node, npm, and the packages of studio/package-lock.json. Silent
# when all of it is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../studio"

say() { printf 'setup-studio: %s\n' "$*" >&2; }

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	sudo=''
	if ((EUID != 0)); then sudo='sudo -n'; fi
	say 'installing nodejs and npm'
	{ $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends nodejs npm; } >/dev/null ||
		{ say 'please install node 18 or newer and npm'; exit 1; }
fi

# The lock file of what is installed tells whether it is what is wanted.
installed=node_modules/.from-lock
if [[ ! -f $installed ]] || ! cmp -s package-lock.json "$installed"; then
	say 'installing the packages of studio/package-lock.json'
	npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2
	cp package-lock.json "$installed"
fi
