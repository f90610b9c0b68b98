#!/usr/bin/env bash
# Fills two SQLite files with the built-in scenarios, checks them, and shows
# what to try next. `make demo` builds bin/sower and runs this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Genonaut's one known user. Any UUID will do; this one is the demo's, so that
# the demo is the same everywhere.
readonly demo_admin=5eed0000-0000-4000-8000-000000000001

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

for scenario in genonaut shop; do
	show ./bin/sower generate "$scenario" --database-url "sqlite:${scenario}_demo.db" --create-schema
	show ./bin/sower verify "$scenario" --database-url "sqlite:${scenario}_demo.db"
done

# A variable that only this script set has to be in the commands to copy, too.
uuid=''
if [[ ${DB_USER_ADMIN_UUID:-} == "$demo_admin" ]]; then uuid="DB_USER_ADMIN_UUID=$demo_admin "; fi

cat <<END

The rows are in genonaut_demo.db and shop_demo.db. To try next:

  what was made, and in which order
    ./bin/sower plan shop

  rows without any database
    ./bin/sower preview shop
    ${uuid}./bin/sower preview genonaut

  the rows themselves
    sqlite3 -header -column shop_demo.db "select number, placed_at, status, total from orders limit 5"
    sqlite3 -header -column shop_demo.db "select month, revenue, booked from monthly_sales"

  the same rows in PostgreSQL, in a database whose name ends in _demo or _test
    createdb shop_demo
    ./bin/sower generate shop --database-url postgres://localhost/shop_demo --create-schema
END
