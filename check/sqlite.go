package check

import "github.com/sowerdata/sower/schema"

func compileSQLite(t *schema.Table, e Expr, o Options) (*Program, error) {
	return nil, unknown("SQLite")
}

func constantSQLite(e Expr) (node, bool) { return node{}, false }

func (n *narrowing) patternSQLite(e *Binary, positive bool) outcome { return notTold }

func (n *narrowing) momentSQLite(op string, x node) outcome { return notTold }
