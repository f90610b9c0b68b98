#!/usr/bin/env bash
# Fills an SQLite file with the built-in scenario, checks it, and shows what to
# try next. `make demo` builds bin/sower and runs this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The scenario's one known user. Any UUID will do; this one is the demo's, so
# that the demo is the same everywhere.
readonly demo_admin=5eed0000-0000-4000-8000-000000000001
readonly database=genonaut_demo.db

show() {
	printf '\n$ %s\n' "$*"
	"$@"
}

if [[ -z ${DB_USER_ADMIN_UUID:-} ]] &&
	! grep -qsE '^[[:space:]]*(export[[:space:]]+)?DB_USER_ADMIN_UUID=.' env/.env; then
	export DB_USER_ADMIN_UUID=$demo_admin
	echo "DB_USER_ADMIN_UUID is not set: the demo uses $demo_admin"
fi

[[ -x bin/sower ]] || {
	echo "bin/sower is not there: run 'make demo', or 'make build' first" >&2
	exit 1
}

show ./bin/sower generate genonaut --database-url "sqlite:$database" --create-schema
show ./bin/sower verify genonaut --database-url "sqlite:$database"

# A variable that only this script set has to be in the commands to copy, too.
uuid=''
if [[ ${DB_USER_ADMIN_UUID:-} == "$demo_admin" ]]; then uuid="DB_USER_ADMIN_UUID=$demo_admin "; fi

cat <<END

The rows are in $database. To try next:

  what was made, and in which order
    ${uuid}./bin/sower plan genonaut

  rows without any database
    ${uuid}./bin/sower preview genonaut

  the rows themselves
    sqlite3 -header -column $database "select username, email, created_at from users limit 5"

  the same rows in PostgreSQL, in a database whose name ends in _demo or _test
    createdb genonaut_demo
    ${uuid}./bin/sower generate genonaut --database-url postgres://localhost/genonaut_demo --create-schema
END
