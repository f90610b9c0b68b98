package check

import "github.com/sowerdata/sower/schema"

func compileSQLite(t *schema.Table, e Expr, o Options) (*Program, error) {
	return nil, unknown("SQLite")
}
